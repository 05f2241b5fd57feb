"""Workers: forks of a suite process that share the tests of one check.

Each has a scene of its own (app, LLM, scratch folder), so no test meets what another worker's does.
The first begins alone, so that its first result is there as early as can be; with that, the others
follow.
"""

import gc
import json
import os
import selectors
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from course.grading.processes import die_with_parent
from course.grading.results import Emit, Results

LAST_SECONDS = 5.0  # to end in order, once told to

RunPart = Callable[[int, Emit], None]


class WorkerLost(Exception):
    """A worker ended without saying that it had come to its end."""


def run_in_workers(count: int, run_part: RunPart, emit: Emit) -> None:
    """Call `run_part(number, emit)` in a fork for each number, and pass on what they emit.

    Raises `WorkerLost` when one of them is. None is left when this returns or raises.
    """
    pids: list[int] = []
    gc.freeze()  # no worker looks through what they all share
    try:
        with selectors.DefaultSelector() as ready:
            pids.append(start_worker(0, run_part, ready))
            while ready.get_map():
                for key, _ in ready.select():
                    for record in records_of(key, ready):
                        emit(record)
                        if record["kind"] == "test" and len(pids) == 1:
                            pids += [start_worker(n, run_part, ready) for n in range(1, count)]
    finally:
        end_workers(pids)


def start_worker(number: int, run_part: RunPart, ready: selectors.BaseSelector) -> int:
    """Fork a worker and listen to what it emits; returns its pid."""
    parent = os.getpid()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        be_worker(number, run_part, writing, parent)
    os.close(writing)
    ready.register(reading, selectors.EVENT_READ, data=bytearray())
    return pid


def be_worker(number: int, run_part: RunPart, writing: int, parent: int) -> NoReturn:
    """In the fork: nothing of what the parent was in the middle of is gone on with."""
    try:
        die_with_parent(parent)
        results = Results(writing)
        run_part(number, results)
        results({"kind": "end"})
    except Exception:  # noqa: BLE001  (told here, since nobody is above)
        traceback.print_exc()
    finally:
        os._exit(0)


def records_of(key: selectors.SelectorKey, ready: selectors.BaseSelector) -> list[dict[str, Any]]:
    """The records that are complete by now; after `end` the worker is not listened to any more."""
    piece = os.read(key.fd, 1 << 16)
    key.data.extend(piece)
    *lines, rest = key.data.split(b"\n")
    key.data[:] = rest
    records = [json.loads(line) for line in lines]
    if not piece or (records and records[-1]["kind"] == "end"):
        ready.unregister(key.fd)
        os.close(key.fd)
    if not piece:
        raise WorkerLost("A worker of the check was lost.")
    return [record for record in records if record["kind"] != "end"]


def end_workers(pids: list[int]) -> None:
    """Wait for those that are at their end, and end the others."""
    deadline = time.monotonic() + LAST_SECONDS
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    for pid in pids:
        while os.waitpid(pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.002)
