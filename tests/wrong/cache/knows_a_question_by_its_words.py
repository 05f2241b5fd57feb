"""Takes the query alone for the key."""

CAUGHT_BY = (
    "test_another_model_is_asked_for",
    "test_another_temperature_is_asked_for",
    "test_another_tenant_is_asked_for",
    "test_parts_that_run_into_each_other_are_kept_apart",
)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    return body.query
