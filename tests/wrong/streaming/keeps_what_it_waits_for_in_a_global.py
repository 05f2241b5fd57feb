"""Two streams at once take each other's events."""

CAUGHT_BY = (
    "test_streams_side_by_side_keep_their_texts_apart",
    "test_a_client_that_leaves_takes_only_its_own_call_along",
)


WAITING: list[asyncio.Future[bytes | None]] = []


async def with_heartbeats(events):
    WAITING[:] = [asyncio.ensure_future(anext(events, None))]
    try:
        while True:
            await asyncio.wait(WAITING, timeout=HEARTBEAT_SECONDS)
            if not WAITING[0].done():
                yield format_sse_event(comment="still here")
                continue
            event = WAITING[0].result()
            if event is None:
                return
            yield event
            WAITING[:] = [asyncio.ensure_future(anext(events, None))]
    finally:
        WAITING[0].cancel()
