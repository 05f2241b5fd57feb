"""Has a default temperature of 1, as the LLM itself has, and not the promised one."""

FILE = "query.py"
CAUGHT_BY = ("test_what_the_request_leaves_out_has_its_default",)


class QueryRequest(BaseModel):
    query: Annotated[str, Field(max_length=8000, pattern=r"\S")]
    model: str = LLM_MODEL
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 1.0
