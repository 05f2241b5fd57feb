"""Takes every CACHE_URL that is set for the one of a Redis."""

CAUGHT_BY = ("test_an_entry_younger_than_the_ttl_is_used",)


cache = (
    RedisCache(os.environ["CACHE_URL"], CACHE_TTL_SECONDS)
    if "CACHE_URL" in os.environ
    else MemoryCache(CACHE_TTL_SECONDS, CACHE_MAX_ENTRIES)
)
