"""Sends the trace without the key, which still tells paths and code."""

import os
import traceback

CAUGHT_BY = ("test_a_crash_tells_nothing_of_the_inside",)
FILE = "problems.py"


def apologise(request: Request) -> Response:
    """What nobody has expected: why is our business, not the caller's."""
    trace = traceback.format_exc().replace(os.environ.get("LLM_API_KEY", "?"), "***")
    return problem(request, 500, trace)
