"""Thinks that tenants who share a Redis share what is in it."""

CAUGHT_BY = ("test_entries_in_redis_are_as_good_and_as_much_apart",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    whose = "all" if isinstance(cache, RedisCache) else tenant
    return json.dumps([whose, body.model, body.temperature, body.query])
