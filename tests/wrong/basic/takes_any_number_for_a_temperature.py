"""Refuses what is no finite number and leaves the ends of the scale to the LLM."""

CAUGHT_BY = ("test_a_temperature_outside_0_to_2_is_refused",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: Annotated[str, Field(max_length=8000, pattern=r"\S", examples=["Why is the sky blue?"])]
    model: str = LLM_MODEL
    temperature: Annotated[float, Field(allow_inf_nan=False)] = 0.7
