"""Fixtures of the asynchronous tests: the app is reached in the loop of the test itself."""

import httpx
import pytest

from app import app


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def client(anyio_backend):
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        headers = {"Authorization": "Bearer alice-token"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://app.test", headers=headers
        ) as client:
            yield client


@pytest.fixture
def upstream(respx_mock):
    """The call to the LLM; respx's own fixture sees to it that it was made."""
    return respx_mock.post("http://llm.test/v1/chat/completions", name="llm")
