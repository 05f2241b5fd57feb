"""A station that is silent is a line of the report, not the end of it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    station: str
    celsius: float | None = None
    trouble: str | None = None


def reading_of(station: str, measure: Callable[[str], float]) -> Reading:
    try:
        return Reading(station, celsius=measure(station))
    except OSError:
        return Reading(station, trouble="The station does not answer.")
