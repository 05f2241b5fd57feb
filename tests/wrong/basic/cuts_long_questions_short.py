"""Answers the first 8,000 characters of a question that nobody asked like that."""

from pydantic import field_validator

CAUGHT_BY = ("test_a_query_of_8001_characters_is_refused",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: str = Field(pattern=r"\S", examples=["Why is the sky blue?"])
    model: str = LLM_MODEL
    temperature: float = Field(0.7, ge=0, le=2, allow_inf_nan=False)

    @field_validator("query")
    @classmethod
    def cut(cls, query: str) -> str:
        return query[:8000]
