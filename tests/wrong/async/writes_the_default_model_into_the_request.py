"""Has gpt-4 as the default of a query, whatever LLM_MODEL says."""

FILE = "query.py"
CAUGHT_BY = ("test_a_legacy_query_has_the_usual_defaults",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: Prompt
    model: str = "gpt-4"
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7
