"""Both times begin with the signal."""

FILE = "app/drain.py"
CAUGHT_BY = ("test_the_grace_begins_after_the_drain",)


class DrainingServer(uvicorn.Server):
    async def main_loop(self) -> None:
        self.loop = asyncio.get_running_loop()
        await super().main_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig != signal.SIGTERM or not self.started:
            super().handle_exit(sig, frame)
        elif not DRAIN.begun:
            DRAIN.begun = True
            self.loop.call_soon_threadsafe(self.begin)

    def begin(self) -> None:
        self.way_out = asyncio.create_task(self.drain())

    async def drain(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(SETTINGS.shutdown_grace_seconds, DRAIN.over.set)
        await asyncio.sleep(SETTINGS.drain_seconds)
        self.should_exit = True
