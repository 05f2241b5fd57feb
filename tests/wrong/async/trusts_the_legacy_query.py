"""Hands whatever comes to the SDK."""

CAUGHT_BY = ("test_an_invalid_legacy_query_is_refused",)


class QueryRequest(BaseModel):
    query: str
    model: str = LLM_MODEL
    temperature: float = 0.7
