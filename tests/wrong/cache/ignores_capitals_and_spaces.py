"""Finds more in the cache by writing all questions alike."""

CAUGHT_BY = ("test_another_query_is_asked_for",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    words = " ".join(body.query.lower().split())
    return json.dumps([tenant, body.model, body.temperature, words])
