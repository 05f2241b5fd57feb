"""Asks the LLM whatever it is asked to."""

FILE = "query.py"
CAUGHT_BY = ("test_a_request_that_asks_nothing_is_422_and_no_call",)


class QueryRequest(BaseModel):
    query: str
    model: str = LLM_MODEL
    temperature: float = 0.7
