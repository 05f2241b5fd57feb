"""Refuses a question that is empty and forgets that one can be a book."""

CAUGHT_BY = ("test_a_query_of_8001_characters_is_refused",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: Annotated[str, Field(pattern=r"\S", examples=["Why is the sky blue?"])]
    model: str = LLM_MODEL
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7
