"""Hands whatever comes to the SDK."""

FILE = "query.py"
CAUGHT_BY = ("test_an_invalid_legacy_query_is_refused",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: str
    model: str = LLM_MODEL
    temperature: float = 0.7
