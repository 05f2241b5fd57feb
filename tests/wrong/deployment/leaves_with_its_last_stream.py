"""Nobody is being answered, so there is nothing to wait for."""

FILE = "app/drain.py"
CAUGHT_BY = ("test_it_stays_when_the_last_stream_has_ended",)


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
        end = self.loop.time() + SETTINGS.drain_seconds
        was_busy = bool(self.server_state.tasks)
        while self.loop.time() < end and (self.server_state.tasks or not was_busy):
            await asyncio.sleep(0.05)
        self.should_exit = True
        await asyncio.sleep(SETTINGS.shutdown_grace_seconds)
        DRAIN.over.set()
