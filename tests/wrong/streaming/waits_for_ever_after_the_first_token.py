"""Is impatient with the first token only."""

from llm import LLM_TIMEOUT_SECONDS

CAUGHT_BY = (
    "test_silence_between_tokens_becomes_an_error_event",
    "test_a_heartbeat_does_not_hide_an_llm_that_is_gone",
)


async def ask_llm(client, body):
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    async with client.stream("POST", "/chat/completions", json=payload, timeout=None) as answer:
        answer.raise_for_status()
        async for data in data_lines(answer):
            yield Chunk.model_validate_json(data)


async def first_event(request, events):
    try:
        return await asyncio.wait_for(anext(events), LLM_TIMEOUT_SECONDS)
    except TimeoutError:
        raise httpx.ReadTimeout("No first token.") from None
