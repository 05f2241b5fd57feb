"""Forgets that the prompt is paid for, too."""

CAUGHT_BY = ("test_model_and_tokens_are_what_the_llm_reports",)


class Completion(BaseModel):
    """What we need from the LLM's answer; an answer without it is unreadable."""

    model: str
    text: Annotated[str, Field(validation_alias=AliasPath("choices", 0, "message", "content"))]
    tokens: Annotated[int, Field(validation_alias=AliasPath("usage", "completion_tokens"))]
