"""uvicorn, whose shutdown waits for the drain first, and whose last signal is swallowed."""

import asyncio
import signal
import socket

import uvicorn

from app import app, leaving, settings, time_is_up


class Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await asyncio.sleep(settings.DRAIN_SECONDS)
        asyncio.get_running_loop().call_later(settings.SHUTDOWN_GRACE_SECONDS, time_is_up.set)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: object) -> None:
        leaving.set()
        super().handle_exit(sig, None)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: None)  # raised again by uvicorn when all is done
    Server(uvicorn.Config(app, "0.0.0.0", settings.PORT)).run()
