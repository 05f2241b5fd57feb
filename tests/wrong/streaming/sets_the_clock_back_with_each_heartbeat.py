"""Its own comments keep it from noticing that the LLM is gone."""

from llm import LLM_TIMEOUT_SECONDS

CAUGHT_BY = ("test_a_heartbeat_does_not_hide_an_llm_that_is_gone",)


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


async def with_heartbeats(events):
    waiting = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            await asyncio.wait({waiting}, timeout=min(HEARTBEAT_SECONDS, LLM_TIMEOUT_SECONDS))
            if not waiting.done() and HEARTBEAT_SECONDS < LLM_TIMEOUT_SECONDS:
                yield format_sse_event(comment="still here")
                continue
            if not waiting.done():
                yield sse({"detail": "The language model took too long."}, event="error")
                return
            event = waiting.result()
            if event is None:
                return
            yield event
            waiting = asyncio.ensure_future(anext(events, None))
    finally:
        waiting.cancel()
