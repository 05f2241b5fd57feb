"""The tests that most people write first. They run beside app.py: `pytest naive.py`."""

from types import SimpleNamespace
from unittest.mock import AsyncMock, patch

from fastapi.testclient import TestClient

from app import app

HEADERS = {"Authorization": "Bearer alice-token"}


def test_health() -> None:
    with TestClient(app) as client:
        assert client.get("/health").status_code == 200


def test_query() -> None:
    answer = SimpleNamespace(text="Hello!", model="gpt-4", tokens=10)
    with TestClient(app) as client, patch("app.ask_llm", AsyncMock(return_value=answer)) as ask_llm:
        response = client.post("/query", json={"query": "Hello?"}, headers=HEADERS)
    assert response.status_code == 200
    assert response.json()["response"] == "Hello!"
    ask_llm.assert_called_once()


def test_no_token() -> None:
    with TestClient(app) as client:
        assert client.post("/query", json={"query": "Hello?"}).status_code == 401


def test_empty_query() -> None:
    with TestClient(app) as client:
        assert client.post("/query", json={"query": ""}, headers=HEADERS).status_code == 422
