"""Stays for five seconds after the drain when nothing is open, for nobody waits for its end."""

FILE = "app/drain.py"
CAUGHT_BY = ("test_it_exits_with_0_when_nothing_is_open",)


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
        if not self.server_state.tasks:
            await asyncio.sleep(5)
        self.should_exit = True
        await asyncio.sleep(SETTINGS.shutdown_grace_seconds)
        DRAIN.over.set()
