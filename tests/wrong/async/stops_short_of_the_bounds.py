"""Takes 8,000 characters and a temperature of 2 for too much, not for the most."""

FILE = "query.py"
CAUGHT_BY = ("test_a_legacy_query_may_go_to_the_bounds",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: Annotated[str, Field(max_length=7999, pattern=r"\S")]
    model: str = LLM_MODEL
    temperature: Annotated[float, Field(ge=0, lt=2, allow_inf_nan=False)] = 0.7
