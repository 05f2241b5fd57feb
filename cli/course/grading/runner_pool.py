"""Several runners side by side: more checks at once than one runner has in it."""

import queue
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from course.grading.grader import Runner

MakeRunner = Callable[[], Runner]
Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class RunnerPool:
    """Lends runners and makes them as they are needed; ends them when it is left."""

    def __init__(self, make_runner: MakeRunner, at_once: int) -> None:
        self._make_runner = make_runner
        self._idle: queue.SimpleQueue[Runner] = queue.SimpleQueue()
        self._runners: list[Runner] = []
        self._owned = ExitStack()
        self._threads = ThreadPoolExecutor(at_once)

    def __enter__(self) -> "RunnerPool":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:  # such as Ctrl-C: do not wait for what is being graded
            for runner in self._runners:
                runner.cancel()
        self._threads.shutdown(cancel_futures=True)
        self._owned.close()

    def map(self, do: Callable[[Item], Outcome], items: Iterable[Item]) -> Iterator[Outcome]:
        """What `do` makes of each item, in their order, `at_once` of them under way."""
        return self._threads.map(do, items)

    @contextmanager
    def runner(self) -> Iterator[Runner]:
        """An idle runner, or a new one."""
        try:
            runner = self._idle.get_nowait()
        except queue.Empty:
            runner = self._new()
        try:
            yield runner
        finally:
            self._idle.put(runner)

    def _new(self) -> Runner:
        runner = self._owned.enter_context(self._make_runner())
        self._runners.append(runner)
        return runner
