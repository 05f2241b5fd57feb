"""Ten calls a minute by three strategies, asked for once, then as often as possible at the edge."""

from collections.abc import Callable

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import STRATEGIES

LIMIT = parse("10/minute")


def let_through(strategy: str, set_clock: Callable[[float], None]) -> int:
    """How many calls get through within two seconds around the end of the first minute."""
    limiter = STRATEGIES[strategy](MemoryStorage())
    set_clock(0)
    limiter.hit(LIMIT, "ada")
    passed = 0
    for second in (59, 61):
        set_clock(second)
        passed += sum(limiter.hit(LIMIT, "ada") for _ in range(20))
    return passed
