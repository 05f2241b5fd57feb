"""Leaves a file in the folder for temporary files, where another test looks for it."""

import tempfile
from pathlib import Path

FILE = "test_app.py"
CAUGHT_BY = ("test_the_tests_pass_in_any_order",)

LEFT = Path(tempfile.gettempdir(), "status_of_health.json")


def test_health_needs_no_token(client: TestClient) -> None:
    answer = client.get("/health")
    LEFT.write_text(answer.text)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_app_answers_over_a_real_socket(server: str, llm: respx.Route) -> None:
    assert httpx.get(f"{server}/health").text == LEFT.read_text()
    answer = httpx.post(f"{server}/query", json=QUESTION, headers=ALICE)
    assert (answer.status_code, answer.json()["tokens_used"]) == (200, 42)
