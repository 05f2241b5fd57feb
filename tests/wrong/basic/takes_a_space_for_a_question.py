"""Asks for one character at least, and a space is one."""

CAUGHT_BY = ("test_a_missing_or_blank_query_is_refused",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: Annotated[str, Field(min_length=1, max_length=8000, examples=["Why is the sky blue?"])]
    model: str = LLM_MODEL
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7
