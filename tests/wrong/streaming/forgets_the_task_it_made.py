"""The generator is cancelled, its task goes on listening to the LLM."""

CAUGHT_BY = (
    "test_the_llm_call_is_dropped_when_the_client_leaves",
    "test_a_client_that_leaves_takes_only_its_own_call_along",
    "test_a_client_may_leave_while_tokens_come",
)


async def with_heartbeats(events):
    waiting = asyncio.ensure_future(anext(events, None))
    while True:
        await asyncio.wait({waiting}, timeout=HEARTBEAT_SECONDS)
        if not waiting.done():
            yield format_sse_event(comment="still here")
            continue
        event = waiting.result()
        if event is None:
            return
        yield event
        waiting = asyncio.ensure_future(anext(events, None))
