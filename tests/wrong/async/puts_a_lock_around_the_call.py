"""Guards the shared client with a lock, which makes a queue of it."""

CAUGHT_BY = (
    "test_the_calls_of_a_batch_overlap",
    "test_a_long_batch_has_five_calls_under_way",
)

places = asyncio.Lock()
