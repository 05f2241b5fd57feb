"""Counts the places from zero to MAX_CONCURRENCY."""

CAUGHT_BY = (
    "test_one_batch_has_never_more_than_five_calls_in_flight",
    "test_two_batches_share_the_five_places",
    "test_max_concurrency_is_the_number_of_places",
    "test_a_call_that_failed_gives_back_one_place",
    "test_a_call_that_was_too_slow_gives_back_one_place",
    "test_a_client_that_left_leaves_as_many_places_as_there_were",
)

places = asyncio.Semaphore(MAX_CONCURRENCY + 1)
