"""Closes every stream with `done`, the broken ones as well."""

CAUGHT_BY = (
    "test_an_answer_that_just_stops_is_never_done",
    "test_a_connection_that_breaks_midway_is_an_error_event",
    "test_an_answer_that_stops_in_good_order_is_an_error_event",
    "test_a_frame_that_cannot_be_read_is_an_error_event",
    "test_an_error_in_the_middle_of_the_stream_is_an_error_event",
    "test_an_error_event_is_in_your_own_words",
    "test_silence_between_tokens_becomes_an_error_event",
    "test_an_empty_chunk_is_not_the_end",
)


async def to_the_end(first, events):
    yield first
    try:
        async for event in events:
            yield event
    except LLM_ERRORS as error:
        yield sse({"detail": explain(error).detail}, event="error")
        yield sse({"finish_reason": "error"}, event="done")
