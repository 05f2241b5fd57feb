"""Takes the names of two models that differ in case for one model."""

CAUGHT_BY = ("test_another_model_is_asked_for",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    return json.dumps([tenant, body.model.lower(), body.temperature, body.query])
