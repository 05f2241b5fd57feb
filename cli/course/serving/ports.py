"""A port to listen on: the one that was asked for, or the next that is free."""

import socket

from course.fake_llm.clients import listen as bind
from course.serving import Refused

TRIES = 100


def listen(port: int | None, first: int) -> socket.socket:
    """A listener on 127.0.0.1; without `port` on the first free one from `first` on."""
    if port is not None:
        try:
            return bind("127.0.0.1", port)
        except OSError as problem:
            raise Refused(
                f"port {port} cannot be used ({problem.strerror}): choose another one, or leave "
                "--port out to get the next free one."
            ) from None
    for candidate in range(first, first + TRIES):
        try:
            return bind("127.0.0.1", candidate)
        except OSError:
            continue
    raise Refused(f"no port from {first} to {first + TRIES - 1} is free: choose one with --port.")
