"""Somebody reads the LLM's answer to its end, whoever is still there."""

CAUGHT_BY = (
    "test_the_llm_call_is_dropped_when_the_client_leaves",
    "test_a_client_that_leaves_takes_only_its_own_call_along",
    "test_a_client_may_leave_while_tokens_come",
)


READERS: set[asyncio.Task[None]] = set()


async def read(events, queue):
    async for event in events:
        queue.put_nowait(event)
    queue.put_nowait(None)


async def with_heartbeats(events):
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()
    READERS.add(asyncio.create_task(read(events, queue)))
    while True:
        try:
            event = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            yield format_sse_event(comment="still here")
            continue
        if event is None:
            return
        yield event
