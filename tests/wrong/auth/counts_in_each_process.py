"""Counts in its own memory, so that every process brings a budget of its own."""

CAUGHT_BY = ("test_two_processes_share_one_budget",)


RATE_LIMIT_STORAGE = "memory://"
