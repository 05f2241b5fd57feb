"""Is one failure too early."""

CAUGHT_BY = ("test_four_failures_are_not_five",)
FILE = "protection.py"


BREAKER_FAILURES = 4
