"""What a suite process tells: JSON lines, on a descriptor of their own."""

import json
import os
import threading
from collections.abc import Callable
from typing import Any

Emit = Callable[[dict[str, Any]], None]


class Results:
    """Writes one JSON line a record; thread safe."""

    def __init__(self, descriptor: int) -> None:
        self._lines = os.fdopen(descriptor, "wb")
        self._lock = threading.Lock()

    def __call__(self, record: dict[str, Any]) -> None:
        with self._lock:
            self._lines.write(json.dumps(record).encode() + b"\n")
            self._lines.flush()
