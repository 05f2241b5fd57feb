"""Normalizes the query, so that x² and x2 are one question."""

import unicodedata

CAUGHT_BY = ("test_another_query_is_asked_for",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    words = unicodedata.normalize("NFKC", body.query)
    return json.dumps([tenant, body.model, body.temperature, words])
