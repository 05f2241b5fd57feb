"""Thinks that nobody means more than two decimals of a temperature."""

CAUGHT_BY = ("test_another_temperature_is_asked_for",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    return json.dumps([tenant, body.model, f"{body.temperature:.2f}", body.query])
