"""Names entries by `hash()`, which is another number in the next process."""

CAUGHT_BY = ("test_two_processes_share_entries",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    return f"answer:{hash((tenant, body.model, body.temperature, body.query))}"
