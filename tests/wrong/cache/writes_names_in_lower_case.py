"""Takes names in another case for the same names."""

CAUGHT_BY = ("test_another_model_is_asked_for", "test_another_tenant_is_asked_for")


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    return json.dumps([tenant.lower(), body.model.lower(), body.temperature, body.query])
