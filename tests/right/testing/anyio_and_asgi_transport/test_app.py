"""Asynchronous tests with anyio's plugin, and the mock as respx's own fixture."""

import asyncio
import json

import httpx
import pytest

pytestmark = pytest.mark.anyio

ANSWER = {
    "model": "gpt-4-2024",
    "choices": [{"message": {"role": "assistant", "content": "Four."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12},
}


@pytest.fixture
def answering(upstream):
    return upstream.mock(return_value=httpx.Response(200, json=ANSWER))


async def ask(client, query="What is 2 + 2?", **more):
    return await client.post("/query", json={"query": query} | more)


async def test_it_answers(client, answering):
    answer = await ask(client)
    assert answer.status_code == 200
    assert answer.json() == {"response": "Four.", "model": "gpt-4-2024", "tokens_used": 12}


async def test_it_passes_the_request_on(client, answering):
    await ask(client, "  What is 3 + 3? ", temperature=2, model="gpt-4-mini")
    sent = json.loads(answering.calls.last.request.content)
    assert sent["messages"][-1] == {"role": "user", "content": "  What is 3 + 3? "}
    assert (sent["temperature"], sent["model"], sent["user"]) == (2, "gpt-4-mini", "alice")


async def test_ten_at_once(client, answering):
    answers = await asyncio.gather(*(ask(client) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert answering.call_count == 10


@pytest.mark.parametrize("authorization", ["Bearer nobody", "Token alice-token"])
async def test_strangers(client, authorization):
    answer = await client.post(
        "/query", json={"query": "?"}, headers={"Authorization": authorization}
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("body", [{}, {"query": "\t"}, {"query": "?", "temperature": -1}, []])
async def test_bad_bodies(client, body):
    assert (await client.post("/query", json=body)).status_code == 422


@pytest.mark.parametrize("status", [400, 404, 500, 502, 504])
async def test_upstream_errors_are_502_in_our_words(client, upstream, status):
    upstream.respond(status, text="secret reason")
    answer = await ask(client)
    assert answer.status_code == 502
    assert isinstance(answer.json()["detail"], str)
    assert "secret" not in answer.text


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ConnectTimeout])
async def test_slow_is_504(client, upstream, error):
    upstream.mock(side_effect=error)
    assert (await ask(client)).status_code == 504


async def test_busy_is_503(client, upstream):
    upstream.respond(429, headers={"Retry-After": "11"})
    answer = await ask(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "11")
