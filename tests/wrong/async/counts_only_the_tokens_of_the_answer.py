"""Takes the tokens of the answer for all tokens; the question is billed, too."""

FILE = "llm.py"
CAUGHT_BY = ("test_each_item_has_its_question_its_answer_and_its_tokens",)


class Completion(BaseModel):
    """What we need from the LLM's answer; an answer without it is unreadable."""

    text: Annotated[str, Field(validation_alias=AliasPath("choices", 0, "message", "content"))]
    tokens: Annotated[int, Field(validation_alias=AliasPath("usage", "completion_tokens"))]
