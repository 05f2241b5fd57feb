"""Waits for the first token without giving way to others."""

import time

CAUGHT_BY = (
    "test_health_answers_before_the_first_token",
    "test_streams_side_by_side_keep_their_texts_apart",
)


async def first_event(request, events):
    first = asyncio.ensure_future(anext(events))
    while not first.done():
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        time.sleep(0.2)
    return first.result()
