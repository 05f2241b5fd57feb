"""Ten at once seemed a lot."""

import os

CAUGHT_BY = ("test_a_hundred_may_be_inside",)
FILE = "protection.py"


MAX_IN_FLIGHT = int(os.environ.get("MAX_IN_FLIGHT", "10"))
