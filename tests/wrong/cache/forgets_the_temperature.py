"""Thinks that the temperature is no part of the question."""

CAUGHT_BY = ("test_another_temperature_is_asked_for",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    return json.dumps([tenant, body.model, body.query])
