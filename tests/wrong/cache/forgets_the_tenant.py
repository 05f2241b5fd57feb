"""Tells one tenant what another one was told."""

CAUGHT_BY = (
    "test_another_tenant_is_asked_for",
    "test_entries_in_redis_are_as_good_and_as_much_apart",
)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    return json.dumps([body.model, body.temperature, body.query])
