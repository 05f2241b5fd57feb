"""Nobody needs longer than four seconds to notice, it thinks."""

FILE = "app/drain.py"
CAUGHT_BY = ("test_five_seconds_are_the_default_and_no_limit",)


class DrainingServer(uvicorn.Server):
    """uvicorn, but for SIGTERM: it closes its door only when nobody is sent here any more."""

    async def main_loop(self) -> None:
        """Serve; signals come at any moment and need the loop to begin something in it."""
        self.loop = asyncio.get_running_loop()
        await super().main_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM begins the drain; Ctrl-C, or a signal before we serve, ends the process."""
        if sig != signal.SIGTERM or not self.started:
            super().handle_exit(sig, frame)
        elif not DRAIN.begun:
            DRAIN.begun = True
            self.loop.call_soon_threadsafe(self.begin)

    def begin(self) -> None:
        """Start the way out, and keep hold of its task: a task that nobody holds may vanish."""
        self.way_out = asyncio.create_task(self.drain())

    async def drain(self) -> None:
        """Serve on, close the door and wait for open answers, then have streams cut short.

        The process ends with the last answer, and this task with it.
        """
        await asyncio.sleep(min(SETTINGS.drain_seconds, 4))
        self.should_exit = True
        await asyncio.sleep(SETTINGS.shutdown_grace_seconds)
        DRAIN.over.set()
