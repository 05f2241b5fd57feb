"""Thinks that nobody writes a thousand characters to ask something else at the end."""

CAUGHT_BY = ("test_another_query_is_asked_for",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    return json.dumps([tenant, body.model, body.temperature, body.query[:1000]])
