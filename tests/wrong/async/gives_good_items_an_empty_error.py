"""Writes an empty text where there was no error, so `if "error" in item` has nothing to go by."""

CAUGHT_BY = (
    "test_each_item_has_its_question_its_answer_and_its_tokens",
    "test_the_others_keep_their_answers_when_one_call_fails",
)


class BatchItem(BaseModel):
    """The outcome of one prompt: an answer, or a sentence that says why there is none."""

    query: str
    response: str | None = None
    error: str = ""
    tokens_used: int = 0
