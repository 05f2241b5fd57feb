"""Puts colons between parts that may hold colons."""

CAUGHT_BY = ("test_parts_that_run_into_each_other_are_kept_apart",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    parts = f"{tenant}:{body.model}:{body.temperature}:{body.query}"
    return hashlib.sha256(parts.encode()).hexdigest()
