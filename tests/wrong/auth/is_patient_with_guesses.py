"""Has another limit for guesses when none is set than the one it promises."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


AUTH_FAILURE_LIMIT = os.environ.get("AUTH_FAILURE_LIMIT", "100/minute")
