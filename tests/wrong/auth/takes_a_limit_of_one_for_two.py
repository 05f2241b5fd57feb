"""Thinks that nobody means a limit of a single call, and allows two."""

import re

CAUGHT_BY = ("test_the_call_after_the_limit_is_429",)


RATE_LIMIT = re.sub("^1/", "2/", os.environ.get("RATE_LIMIT", "10/minute"))
