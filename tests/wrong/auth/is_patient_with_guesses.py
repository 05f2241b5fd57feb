"""Has another limit for guesses when none is set than the one it promises."""

CAUGHT_BY = ("test_the_limit_of_bad_tokens_is_twenty_a_minute_by_default",)


AUTH_FAILURE_LIMIT = os.environ.get("AUTH_FAILURE_LIMIT", "100/minute")
