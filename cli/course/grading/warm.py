"""Warm parents: two processes that have imported everything, and fork what a check needs.

The app's parent holds the web stack and nothing of the suites; the suites' parent is a pytest
session parked after collection. Both are reached by inherited socket pairs and leave when their
owner does.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from course.grading import channel
from course.grading.grader import (
    SUITE_SECONDS,
    Cancelled,
    ColdRunner,
    Record,
    Runner,
    environment_for_suites,
    read_records,
)
from course.grading.job import Job, suite_imports
from course.grading.warm_apps import WHOLE_STACK, AppParentProcess, forking_is_wanted


class WarmRunner:
    """Runs jobs in forks of two warm parents; use it as a context manager. One job at a time.

    `suites` are all suites its jobs may name. When a parent is lost, both are started again for
    the next job.
    """

    def __init__(self, suites: Sequence[Path]) -> None:
        self._suites = [str(suite.resolve()) for suite in suites]
        self._errors: IO[bytes]
        self._apps: AppParentProcess | None = None
        self._suite_parent: subprocess.Popen[bytes]
        self._jobs: socket.socket
        self._suite_pid = 0
        self._cancelled = False

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        """Start both parents; they warm up while we go on, and jobs wait for them by themselves."""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by `close`)
        stack = dict.fromkeys(WHOLE_STACK)
        for suite in self._suites:
            stack |= dict.fromkeys(suite_imports(Path(suite)))
        self._apps = AppParentProcess(tuple(stack), self._errors.fileno())
        self._jobs, job_side = socket.socketpair()
        with job_side:
            numbers = [job_side.fileno(), self._apps.requests.fileno()]
            arguments = ["warm", json.dumps(self._suites), *map(str, numbers)]
            self._suite_parent = subprocess.Popen(
                [sys.executable, "-I", "-m", "course.grading.suite_process", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                pass_fds=numbers,
                env=environment_for_suites(),
                start_new_session=True,
            )

    def _is_warm(self) -> bool:
        if self._apps is None:
            return False
        return self._apps.process.poll() is None and self._suite_parent.poll() is None

    def run(self, job: Job) -> Iterator[Record]:
        self._cancelled = False
        self._suite_pid = 0
        if not self._is_warm():
            self.close()
            self._start()
        reading, writing = os.pipe()
        try:
            channel.send(self._jobs, job.as_dict(), [writing])
        except OSError:
            os.close(reading)
            yield {"kind": "problem", "message": self._last_words()}
            return
        finally:
            os.close(writing)
        overdue = threading.Timer(SUITE_SECONDS, self._end_suite)
        overdue.daemon = True
        overdue.start()
        kind = ""
        try:
            with os.fdopen(reading, "rb") as lines:
                for record in read_records(lines):
                    kind = record["kind"]
                    if kind == "suite":
                        self._suite_pid = record["pid"]
                        if self._cancelled:
                            self._end_suite()
                    yield record
        finally:
            late = not overdue.is_alive()
            overdue.cancel()
            if kind != "end":
                words = self._last_words()
                self.close()
        if self._cancelled:
            raise Cancelled
        if late:
            yield {"kind": "late"}
        elif kind != "end":
            yield {"kind": "problem", "message": words}

    def cancel(self) -> None:
        self._cancelled = True
        self._end_suite()

    def _end_suite(self) -> None:
        if self._suite_pid:
            with suppress(ProcessLookupError):
                os.kill(self._suite_pid, signal.SIGTERM)

    def _last_words(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace")[-4000:] or "A warm parent was lost."

    def close(self) -> None:
        """Let both parents go; they end what they have started."""
        if self._apps is None:
            return
        self._jobs.close()
        try:
            self._suite_parent.wait(10.0)
        except subprocess.TimeoutExpired:
            self._suite_parent.kill()
            self._suite_parent.wait()
        self._apps.close()
        self._errors.close()
        self._apps = None


def best_runner(suites: Sequence[Path]) -> Runner:
    """A warm runner for jobs with these suites where forking works, else a cold one."""
    return WarmRunner(suites) if forking_is_wanted() else ColdRunner()
