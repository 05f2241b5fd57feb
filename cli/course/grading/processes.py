"""Ending processes for good: whole groups, and what a daemon left behind."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> None:
    """Let orphaned descendants become our children, so that a double fork cannot escape (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when the thread that made it ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)


def end_group(pid: int) -> None:
    """Kill the process group led by `pid`, if there is one left."""
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)
        else:
            os.killpg(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """All living processes below `pid`, from /proc (Linux; elsewhere none are known)."""
    if sys.platform != "linux":
        return []
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    queue = [pid]
    while queue:
        for child in children.get(queue.pop(), []):
            found.append(child)
            queue.append(child)
    return found


def end_descendants(keep: frozenset[int] = frozenset(), within: float = 5.0) -> None:
    """Kill and reap everything below this process but `keep`, until nothing is left."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        doomed = [pid for pid in descendants(os.getpid()) if pid not in keep]
        if not doomed:
            return
        for pid in doomed:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        for pid in doomed:
            with suppress(ChildProcessError):  # not every descendant is a child of ours yet
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.002)


# What `tied` runs before the command: become the user, have the kernel send a signal when the
# parent's thread ends, and see that it has not ended already. The library is loaded first: the
# user may not be able to read Python's own files.
TIE = f"""
import ctypes, os, sys
parent, last, user, group = map(int, sys.argv[1:5])
prctl = ctypes.CDLL(None).prctl
if user:
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
prctl({PR_SET_PDEATHSIG}, last, 0, 0, 0)
if os.getppid() == parent:
    os.execv(sys.argv[5], sys.argv[5:])
"""


def tied(
    command: Sequence[str], last: int = signal.SIGTERM, user: tuple[int, int] | None = None
) -> list[str]:
    """The command, made to end with the thread that starts it: it then gets the signal `last`.

    On Linux; elsewhere it is the command alone. `user` is a user and a group to become, which
    only root can.
    """
    if sys.platform != "linux":
        return list(command)
    numbers = [str(number) for number in (os.getpid(), int(last), *(user or (0, 0)))]
    return [sys.executable, "-I", "-S", "-c", TIE, *numbers, *command]
