"""`python -m app`: what the container runs."""

import math

import uvicorn

from app.api import app
from app.drain import DrainingServer
from app.settings import SETTINGS

LAST_WORDS_SECONDS = 2  # for the events that end what is still open


def main() -> None:
    """Serve until SIGTERM and all that follows from it; then the exit code is 0."""
    # TODO(config): 127.0.0.1 is this machine talking to itself. In a container nobody else is in
    # there; requests come from outside.
    # TODO(drain): run a DrainingServer with this config. `timeout_graceful_shutdown` is uvicorn's
    # own limit for what is open, in whole seconds, counted from `should_exit`: past it, tasks are
    # cancelled without a word. It has to leave your streams the time for theirs.
    config = uvicorn.Config(app, host="127.0.0.1", port=SETTINGS.port)
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
