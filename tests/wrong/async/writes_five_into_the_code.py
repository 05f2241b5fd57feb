"""Has five places, whatever MAX_CONCURRENCY says."""

CAUGHT_BY = (
    "test_max_concurrency_is_the_number_of_places",
    "test_a_call_that_was_too_slow_gives_back_one_place",
    "test_a_client_that_left_leaves_as_many_places_as_there_were",
)

places = asyncio.Semaphore(5)
