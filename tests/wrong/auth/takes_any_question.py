"""Looks at the token, and no more at the question."""

FILE = "query.py"
CAUGHT_BY = ("test_behind_the_token_all_is_as_in_lesson_basic",)


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: str
    model: str = LLM_MODEL
    temperature: float = 0.7
