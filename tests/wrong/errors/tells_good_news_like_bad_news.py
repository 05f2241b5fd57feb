"""Puts a status into good answers as well."""

CAUGHT_BY = ("test_a_good_answer_is_no_problem",)
FILE = "query.py"


class QueryResponse(BaseModel):
    """What every caller gets: the text, the model that wrote it, and what it cost."""

    response: str
    model: str
    tokens_used: int
    status: int = 200
