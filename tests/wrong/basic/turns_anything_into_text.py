"""Makes a text of whatever was sent and asks that."""

from pydantic import field_validator

CAUGHT_BY = ("test_a_wrong_type_is_refused",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: str = Field(max_length=8000, pattern=r"\S", examples=["Why is the sky blue?"])
    model: str = LLM_MODEL
    temperature: float = Field(0.7, ge=0, le=2, allow_inf_nan=False)

    @field_validator("query", "model", mode="before")
    @classmethod
    def as_text(cls, value: object) -> str:
        return str(value)
