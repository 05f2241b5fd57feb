"""Thinks that a temperature of 0.25 is as good as 0.2."""

CAUGHT_BY = ("test_another_temperature_is_asked_for",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    return json.dumps([tenant, body.model, f"{body.temperature:.1f}", body.query])
