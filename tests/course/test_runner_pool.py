"""A pool of runners: as many as are needed at once and no more, all ended when it is left."""

import threading
import time
from contextlib import suppress

import pytest
from tiny_course import FakeRunner

from course.grading.runner_pool import RunnerPool

WITHIN = 10.0


class Lent(FakeRunner):
    """Remembers what became of each."""

    made: list["Lent"]

    def __init__(self) -> None:
        self.ended = self.cancelled = False
        self.made.append(self)

    def __exit__(self, *_: object) -> None:
        self.ended = True

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture(autouse=True)
def made() -> list[Lent]:
    Lent.made = []
    return Lent.made


def test_two_at_once_have_a_runner_each_and_what_follows_has_one_of_them(made: list[Lent]) -> None:
    both = threading.Barrier(2)

    def meet(number: int) -> int:
        with pool.runner():
            both.wait(WITHIN)
        return number

    with RunnerPool(Lent, at_once=2) as pool:
        assert list(pool.map(meet, range(4))) == [0, 1, 2, 3]
    assert len(made) == 2
    assert all(runner.ended and not runner.cancelled for runner in made)


def test_when_it_is_left_in_a_hurry_what_runs_is_cancelled(made: list[Lent]) -> None:
    begun = threading.Event()

    def runs_until_cancelled(_: int) -> None:
        with pool.runner() as runner:
            begun.set()
            while not runner.cancelled:  # type: ignore[attr-defined]
                time.sleep(0.001)

    pool = RunnerPool(Lent, at_once=1)
    with suppress(KeyboardInterrupt), pool:
        pool.map(runs_until_cancelled, range(2))
        begun.wait(WITHIN)
        raise KeyboardInterrupt
    assert [(runner.cancelled, runner.ended) for runner in made] == [(True, True)]
