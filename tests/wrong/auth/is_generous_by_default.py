"""Has another limit when none is set than the one it promises."""

CAUGHT_BY = ("test_the_limit_is_ten_a_minute_by_default",)


RATE_LIMIT = os.environ.get("RATE_LIMIT", "60/minute")
