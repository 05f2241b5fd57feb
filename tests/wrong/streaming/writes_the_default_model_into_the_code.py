"""Has a default model of its own."""

FILE = "query.py"
CAUGHT_BY = (
    "test_what_the_request_leaves_out_has_its_default",
    "test_the_model_is_gpt_4_by_default",
)


class QueryRequest(BaseModel):
    query: Annotated[str, Field(max_length=8000, pattern=r"\S")]
    model: str = "gpt-4o-mini"
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7
