"""A stream that outlived SIGTERM is worth an exit code."""

import sys
from typing import Any

FILE = "app/drain.py"
CAUGHT_BY = ("test_an_open_stream_runs_on_to_its_done",)


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
        self.late = bool(self.server_state.tasks)
        self.should_exit = True
        await asyncio.sleep(SETTINGS.shutdown_grace_seconds)
        DRAIN.over.set()
        self.late = False

    def run(self, sockets: Any = None) -> None:
        super().run(sockets)
        if self.late:
            sys.exit(1)
