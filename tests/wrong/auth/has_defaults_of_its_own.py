"""Asks another model, and at another temperature, than the promised ones when none is named."""

FILE = "query.py"
CAUGHT_BY = ("test_model_and_temperature_have_their_defaults",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: Annotated[str, Field(max_length=8000, pattern=r"\S", examples=["Why is the sky blue?"])]
    model: str = "gpt-4o-mini"
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 1.0
