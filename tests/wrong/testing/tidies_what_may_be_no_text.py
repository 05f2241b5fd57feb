"""Strips the question before anybody has looked whether it is a text."""

from pydantic import field_validator

CAUGHT_BY = ("test_the_app_keeps_to_its_schema",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: Annotated[str, Field(max_length=8000, pattern=r"\S", examples=["Why is the sky blue?"])]
    model: str = LLM_MODEL
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7

    @field_validator("model", mode="before")
    @classmethod
    def tidy(cls, model: str) -> str:
        """Callers copy names with the blanks around them."""
        return model.strip()
