"""Thinks that `str` is a rule: blank and endless questions are paid for."""

CAUGHT_BY = (
    "test_a_missing_or_blank_query_is_refused",
    "test_a_query_of_8001_characters_is_refused",
)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: str = Field(examples=["Why is the sky blue?"])
    model: str = LLM_MODEL
    temperature: float = Field(0.7, ge=0, le=2, allow_inf_nan=False)
