"""Has the promised number when no limit is set, and another window."""

CAUGHT_BY = (
    "test_the_limit_is_ten_a_minute_by_default",
    "test_the_limit_of_bad_tokens_is_twenty_a_minute_by_default",
)


RATE_LIMIT = os.environ.get("RATE_LIMIT", "10/hour")
AUTH_FAILURE_LIMIT = os.environ.get("AUTH_FAILURE_LIMIT", "20/hour")
