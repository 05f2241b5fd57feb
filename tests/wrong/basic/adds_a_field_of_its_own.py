"""Returns more than the contract says; every caller now sees it and some will rely on it."""

CAUGHT_BY = ("test_a_valid_question_gets_exactly_three_fields",)


class QueryResponse(BaseModel):
    """What every caller gets: the text, the model that wrote it, and what it cost."""

    response: str
    model: str
    tokens_used: int
    provider: str = "openai"
