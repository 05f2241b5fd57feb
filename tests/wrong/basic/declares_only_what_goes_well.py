"""Documents 200 and nothing else it answers with."""

CAUGHT_BY = ("test_the_failures_are_declared",)

FAILURES: dict[int | str, dict[str, Any]] = {}
