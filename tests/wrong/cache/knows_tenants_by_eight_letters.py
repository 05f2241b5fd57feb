"""Knows a tenant by the first eight characters of its name."""

CAUGHT_BY = ("test_another_tenant_is_asked_for",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry, with a short name of the tenant."""
    return json.dumps([tenant[:8], body.model, body.temperature, body.query])
