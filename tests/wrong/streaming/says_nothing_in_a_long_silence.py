"""A balancer cuts a line on which nothing moves."""

CAUGHT_BY = (
    "test_comments_come_as_long_as_the_llm_is_silent",
    "test_the_answer_goes_on_after_a_heartbeat",
    "test_a_heartbeat_does_not_hide_an_llm_that_is_gone",
)


async def with_heartbeats(events):
    async for event in events:
        yield event
