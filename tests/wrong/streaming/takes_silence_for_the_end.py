"""The LLM says nothing more, so the answer is taken for complete."""

from llm import LLM_MODEL

CAUGHT_BY = (
    "test_silence_between_tokens_becomes_an_error_event",
    "test_a_heartbeat_does_not_hide_an_llm_that_is_gone",
)


async def to_the_end(first, events):
    yield first
    try:
        async for event in events:
            yield event
    except httpx.TimeoutException:
        done = {"model": LLM_MODEL, "tokens_used": None, "finish_reason": "timeout"}
        yield sse(done, event="done")
    except LLM_ERRORS as error:
        yield sse({"detail": explain(error).detail}, event="error")
