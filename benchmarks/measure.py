"""What the benchmarks share: time commands or calls in turn, and print medians and ratios."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """Seconds of several runs of one thing."""

    name: str
    seconds: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def in_turn(things: Mapping[str, Callable[[], object]], runs: int = 7) -> list[Timed]:
    """Run all things once to warm up, then `runs` times in turn: A B C A B C ..."""
    for thing in things.values():
        thing()
    seconds: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(runs):
        for name, thing in things.items():
            started = time.perf_counter()
            thing()
            seconds[name].append(time.perf_counter() - started)
    return [Timed(name, values) for name, values in seconds.items()]


def command(*arguments: str) -> Callable[[], object]:
    """A whole process of this Python; its output is read and thrown away, its exit code is not."""

    def run() -> None:
        subprocess.run([sys.executable, "-P", *arguments], capture_output=True, check=True)

    return run


def show(title: str, timed: Sequence[Timed]) -> None:
    """A line a thing: median and range in ms, and the ratio to the last, the floor or peer."""
    print(title)
    base = timed[-1].median
    for entry in timed:
        low, high = (round(1000 * value) for value in (min(entry.seconds), max(entry.seconds)))
        ratio = "" if entry is timed[-1] else f"  {entry.median / base:.2f} x {timed[-1].name}"
        print(f"  {entry.name:44} {1000 * entry.median:7.0f} ms  ({low} to {high}){ratio}")
