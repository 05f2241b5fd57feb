"""Prints a word when a client leaves before the first text."""

import sys

CAUGHT_BY = ("test_a_client_that_leaves_has_one_line_without_the_prompt",)
FILE = "events.py"


async def first_event(request: Request, events: AsyncGenerator[bytes]) -> bytes | None:
    """Wait for the first event, but not for a client that has left: None, and no call goes on."""
    first = asyncio.ensure_future(anext(events))
    left = asyncio.ensure_future(request.receive())  # the body is read: only a hang-up can come
    try:
        await asyncio.wait({first, left}, return_when=asyncio.FIRST_COMPLETED)
        if not first.done():
            sys.stdout.write("The client has left.\n")
        return first.result() if first.done() else None
    finally:
        first.cancel()
        left.cancel()
        await asyncio.wait({first})  # a cancelled call is over, and counted, when this returns
