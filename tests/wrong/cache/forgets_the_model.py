"""Gives one model the answer of another."""

CAUGHT_BY = ("test_another_model_is_asked_for",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    return json.dumps([tenant, body.temperature, body.query])
