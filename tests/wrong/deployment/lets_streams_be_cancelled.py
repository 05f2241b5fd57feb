"""uvicorn has a limit of its own for what is open."""

FILE = "app/drain.py"
CAUGHT_BY = ("test_after_the_grace_a_stream_ends_with_an_error",)


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
        await asyncio.sleep(SETTINGS.drain_seconds)
        self.should_exit = True
