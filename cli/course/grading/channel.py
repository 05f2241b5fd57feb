"""Messages with file descriptors over a socket pair: one JSON line each way, one at a time."""

import json
import socket
from collections.abc import Sequence
from typing import Any

LIMIT = 1 << 20
DESCRIPTORS = 8


def send(channel: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send one message; the receiver gets its own copies of the descriptors."""
    data = json.dumps(message).encode() + b"\n"
    sent = socket.send_fds(channel, [data], list(descriptors))
    channel.sendall(data[sent:])


def receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next message and its descriptors; None when the other side has gone."""
    data = b""
    descriptors: list[int] = []
    while not data.endswith(b"\n"):
        piece, more, _, _ = socket.recv_fds(channel, LIMIT, DESCRIPTORS)
        descriptors += more
        if not piece:
            return None
        data += piece
    return json.loads(data), descriptors
