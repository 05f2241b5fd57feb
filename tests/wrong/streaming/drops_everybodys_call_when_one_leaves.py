"""One client leaves, and all calls are cancelled."""

CAUGHT_BY = ("test_a_client_that_leaves_takes_only_its_own_call_along",)


WAITING: set[asyncio.Future[bytes | None]] = set()


async def with_heartbeats(events):
    waiting = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            WAITING.add(waiting)
            await asyncio.wait({waiting}, timeout=HEARTBEAT_SECONDS)
            if not waiting.done():
                yield format_sse_event(comment="still here")
                continue
            WAITING.discard(waiting)
            event = waiting.result()
            if event is None:
                return
            yield event
            waiting = asyncio.ensure_future(anext(events, None))
    except asyncio.CancelledError:
        for other in WAITING:
            other.cancel()
        raise
