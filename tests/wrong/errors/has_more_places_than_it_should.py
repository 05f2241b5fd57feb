"""Has a default of its own for how many may be inside."""

CAUGHT_BY = ("test_a_hundred_may_be_inside",)
FILE = "protection.py"

MAX_IN_FLIGHT = int(os.environ.get("MAX_IN_FLIGHT", "1000"))
