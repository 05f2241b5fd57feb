"""Says `str` and `float`: blank, endless and boiling questions are all paid for."""

CAUGHT_BY = (
    "test_a_missing_or_blank_query_is_refused",
    "test_a_query_of_8001_characters_is_refused",
    "test_a_temperature_outside_0_to_2_is_refused",
    "test_a_temperature_that_is_no_finite_number_is_refused",
)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: Annotated[str, Field(examples=["Why is the sky blue?"])]
    model: str = LLM_MODEL
    temperature: float = 0.7
