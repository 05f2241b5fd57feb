"""One word wakes one who waits, and the others will notice."""

from typing import Literal

FILE = "app/drain.py"
CAUGHT_BY = ("test_after_the_grace_a_stream_ends_with_an_error",)


class Once(asyncio.Event):
    heard = False

    async def wait(self) -> Literal[True]:
        await super().wait()
        while self.heard:
            await asyncio.sleep(60)
        self.heard = True
        return True


class Drain:
    def __init__(self) -> None:
        self.begun = False
        self.over = Once()
