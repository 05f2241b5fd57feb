"""Five at once are enough for everybody."""

CAUGHT_BY = ("test_max_concurrency_is_the_number_of_places",)


MAX_CONCURRENCY = min(5, int(os.environ.get("MAX_CONCURRENCY", "5")))
