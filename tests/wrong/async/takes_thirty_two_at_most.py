"""Thirty-two are enough for everybody."""

CAUGHT_BY = ("test_max_batch_is_the_longest_batch",)


MAX_BATCH = min(32, int(os.environ.get("MAX_BATCH", "32")))
