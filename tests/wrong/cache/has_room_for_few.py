"""Has room for 128 entries unless told otherwise, as lru_cache has."""

CAUGHT_BY = ("test_there_is_room_for_more_than_a_few",)


CACHE_MAX_ENTRIES = int(os.environ.get("CACHE_MAX_ENTRIES", "128"))
