"""A failure looks like the end of a short answer."""

from contextlib import suppress

CAUGHT_BY = (
    "test_a_connection_that_breaks_midway_is_an_error_event",
    "test_an_answer_that_stops_in_good_order_is_an_error_event",
    "test_a_frame_that_cannot_be_read_is_an_error_event",
    "test_an_error_in_the_middle_of_the_stream_is_an_error_event",
    "test_an_error_event_is_in_your_own_words",
    "test_silence_between_tokens_becomes_an_error_event",
    "test_a_heartbeat_does_not_hide_an_llm_that_is_gone",
)


async def to_the_end(first, events):
    yield first
    with suppress(*LLM_ERRORS):
        async for event in events:
            yield event
