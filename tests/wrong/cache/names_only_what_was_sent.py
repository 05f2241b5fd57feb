"""Names an entry after the fields that were sent, not after those that the LLM hears."""

CAUGHT_BY = ("test_entries_in_redis_are_as_good_and_as_much_apart",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    parts = json.dumps([tenant, body.model_dump(exclude_unset=True)], sort_keys=True)
    return "answer:" + hashlib.sha256(parts.encode()).hexdigest()
