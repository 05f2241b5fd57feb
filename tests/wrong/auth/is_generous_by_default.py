"""Has another limit when none is set than the one it promises."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


RATE_LIMIT = os.environ.get("RATE_LIMIT", "60/minute")
