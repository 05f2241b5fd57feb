"""Bends a wrong temperature into the range instead of saying that it is wrong."""

from pydantic import field_validator

CAUGHT_BY = (
    "test_a_temperature_outside_0_to_2_is_refused",
    "test_a_temperature_that_is_no_finite_number_is_refused",
)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: str = Field(max_length=8000, pattern=r"\S", examples=["Why is the sky blue?"])
    model: str = LLM_MODEL
    temperature: float = 0.7

    @field_validator("temperature")
    @classmethod
    def clamp(cls, temperature: float) -> float:
        return max(0.0, min(2.0, temperature))
