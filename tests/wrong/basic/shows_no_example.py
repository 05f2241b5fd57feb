"""Leaves readers of /docs with the word "string"."""

CAUGHT_BY = ("test_the_docs_show_an_example",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: str = Field(max_length=8000, pattern=r"\S")
    model: str = LLM_MODEL
    temperature: float = Field(0.7, ge=0, le=2, allow_inf_nan=False)
