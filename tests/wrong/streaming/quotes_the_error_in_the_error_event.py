"""What the LLM said when it failed is sent to the client."""

CAUGHT_BY = ("test_an_error_event_is_in_your_own_words",)


async def to_the_end(first, events):
    yield first
    try:
        async for event in events:
            yield event
    except LLM_ERRORS as error:
        yield sse({"detail": f"The language model failed: {error}"}, event="error")
