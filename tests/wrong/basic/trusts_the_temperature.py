"""Leaves it to the LLM to refuse a temperature."""

CAUGHT_BY = (
    "test_a_temperature_outside_0_to_2_is_refused",
    "test_a_temperature_that_is_no_finite_number_is_refused",
)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: str = Field(max_length=8000, pattern=r"\S", examples=["Why is the sky blue?"])
    model: str = LLM_MODEL
    temperature: float = 0.7
