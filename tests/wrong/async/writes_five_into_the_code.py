"""Has five places, whatever MAX_CONCURRENCY says."""

CAUGHT_BY = ("test_max_concurrency_is_the_number_of_places",)

places = asyncio.Semaphore(5)
