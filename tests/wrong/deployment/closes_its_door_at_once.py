"""SIGTERM means that nobody may come in any more."""

FILE = "app/drain.py"
CAUGHT_BY = (
    "test_it_is_ready_until_sigterm",
    "test_it_goes_on_serving_for_a_while",
    "test_it_stays_when_the_last_stream_has_ended",
    "test_a_stream_begun_in_the_drain_is_waited_for",
    "test_five_seconds_are_the_default_and_no_limit",
)


class DrainingServer(uvicorn.Server):
    async def main_loop(self) -> None:
        self.loop = asyncio.get_running_loop()
        await super().main_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig != signal.SIGTERM or not self.started:
            super().handle_exit(sig, frame)
        else:
            self.loop.call_soon_threadsafe(self.begin)

    def begin(self) -> None:
        self.way_out = asyncio.create_task(self.drain())

    async def drain(self) -> None:
        self.should_exit = True
        await asyncio.sleep(SETTINGS.drain_seconds + SETTINGS.shutdown_grace_seconds)
        DRAIN.over.set()
