"""The suite process: pytest, the fake LLM as a thread in it, and a thin HTTP client.

Cold, it is a new interpreter that grades one job. Warm, it is a pytest session parked after
collection that forks for each job. Both write JSON lines to a descriptor of their own, `end` last;
a stream without `end` is no verdict.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from course.grading.app_process import ColdStarter, Starter
from course.grading.job import Job, statements, suite_imports
from course.grading.processes import become_subreaper, die_with_parent
from course.grading.results import Emit, Results
from course.grading.scene import Scene
from course.grading.warm_apps import (
    COMMON_STACK,
    AppParentProcess,
    WarmStarter,
    forking_is_wanted,
)
from course.grading.workers import run_in_workers

if TYPE_CHECKING:
    from course.grading.check import Check

CHILD_POLL_SECONDS = 0.005

RunTests = Callable[["Check", Emit], None]


def cold(job: Job) -> None:
    """Grade one job; what starts the app imports the web stack while we import pytest."""
    results = Results(take_standard_output())
    become_subreaper()
    stack = (*COMMON_STACK, *suite_imports(Path(job.suite)))
    parent = AppParentProcess(stack, 2) if forking_is_wanted() else None
    starter = WarmStarter(parent.requests) if parent else ColdStarter()
    code = run_pytest([job.suite], lambda run_tests: run_job(job, starter, results, run_tests))
    if parent:
        parent.close()
    if code not in (0, 1):
        results(
            {"kind": "problem", "message": f"The suite could not run (pytest ended with {code})."}
        )
    results({"kind": "end"})


def warm(suites: list[str], owner: socket.socket, apps: socket.socket) -> None:
    """Collect all suites once, then grade each job that the owner sends in a fork."""
    import course.grading.check  # noqa: F401  (so that no fork has to)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's business

    def park(run_tests: RunTests) -> None:
        for suite in suites:
            statements(Path(suite).read_text("utf-8"))  # parsed here, so that no fork has to
        gc.collect()
        gc.freeze()  # no fork looks through what they all share
        job, descriptor = next_job_in_a_fork(owner)
        results = Results(descriptor)
        results({"kind": "suite", "pid": os.getpid()})
        try:
            run_job(job, WarmStarter(apps), results, run_tests)
            results({"kind": "end"})
        except Exception:  # noqa: BLE001  (told here, since nobody is above)
            traceback.print_exc()
        finally:
            os._exit(0)

    run_pytest(suites, park)


def run_job(job: Job, starter: Starter, results: Emit, run_tests: RunTests) -> None:
    """Run the tests, in workers where processes fork, and leave no process behind."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # pytest ends in order on that
    try:
        if isinstance(starter, WarmStarter):
            starters = [starter.of_a_worker() for _ in range(job.workers)]
            run_in_workers(
                job.workers,
                lambda n, emit: run_part(replace(job, part=n), starters[n], emit, run_tests),
                results,
            )
        else:
            run_part(replace(job, workers=1), starter, results, run_tests)
    finally:
        starter.sweep()


def run_part(job: Job, starter: Starter, results: Emit, run_tests: RunTests) -> None:
    """Start the app and run the job's share of the tests beside it."""
    from course.grading.check import Check

    scene = Scene(job, starter, lambda pid: results({"kind": "app", "pid": pid}))
    try:
        check = Check(job, scene)
        try:
            run_tests(check, results)
        finally:
            check.end()
    finally:
        scene.end()


def next_job_in_a_fork(owner: socket.socket) -> tuple[Job, int]:
    """Wait for jobs; return one in a fork of this process, never in the process itself."""
    from course.grading import channel

    while (request := channel.receive(owner)) is not None:
        message, (results,) = request
        pid = os.fork()
        if pid == 0:
            os.setsid()
            return Job.from_dict(message), results
        os.close(results)
        wait_for_child(pid, owner)
    os._exit(0)


def wait_for_child(pid: int, owner: socket.socket) -> None:
    """Wait for the fork; end it when the owner goes away first (it sends nothing meanwhile)."""
    while os.waitpid(pid, os.WNOHANG)[0] == 0:
        if select.select([owner], [], [], CHILD_POLL_SECONDS)[0]:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
            return


def take_standard_output() -> int:
    """A private descriptor for the results.

    What pytest or a suite prints goes to standard error.
    """
    results = os.dup(1)
    os.dup2(2, 1)
    return results


def run_pytest(suites: list[str], drive: Callable[[RunTests], None]) -> int:
    from course.grading.plugin import run_pytest

    return run_pytest(suites, drive)


def main() -> None:
    """Arguments: `cold JOB PARENT`, or `warm SUITES OWNER APPS` (JSON, and descriptors)."""
    if sys.argv[1] == "cold":
        die_with_parent(int(sys.argv[3]))
        cold(Job.from_dict(json.loads(sys.argv[2])))
    else:
        owner, apps = (socket.socket(fileno=int(number)) for number in sys.argv[3:5])
        warm(json.loads(sys.argv[2]), owner, apps)


if __name__ == "__main__":
    main()
