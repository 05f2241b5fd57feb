"""Feeds a hash with one part after the other."""

CAUGHT_BY = ("test_parts_that_run_into_each_other_are_kept_apart",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    digest = hashlib.sha256()
    for part in (tenant, body.model, str(body.temperature), body.query):
        digest.update(part.encode())
    return digest.hexdigest()
