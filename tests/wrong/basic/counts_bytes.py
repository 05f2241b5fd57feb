"""Measures the question in bytes, so whales are four times as long as they look."""

from pydantic import field_validator

CAUGHT_BY = ("test_a_query_of_8000_characters_is_answered",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: str = Field(pattern=r"\S", examples=["Why is the sky blue?"])
    model: str = LLM_MODEL
    temperature: float = Field(0.7, ge=0, le=2, allow_inf_nan=False)

    @field_validator("query")
    @classmethod
    def check_length(cls, query: str) -> str:
        if len(query.encode()) > 8000:
            raise ValueError("too long")
        return query
