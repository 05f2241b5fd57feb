"""Has the shape for what is refused, and another for a crash."""

CAUGHT_BY = ("test_a_crash_is_a_problem",)
FILE = "problems.py"


def apologise(request: Request) -> Response:
    """What nobody has expected: why is our business, not the caller's."""
    return JSONResponse({"detail": "Something went wrong on our side."}, 500)
