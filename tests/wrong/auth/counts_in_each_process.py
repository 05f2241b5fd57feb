"""Counts in its own memory, so that every process brings a budget of its own."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


RATE_LIMIT_STORAGE = "memory://"
