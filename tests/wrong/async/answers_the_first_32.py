"""Cuts a long batch off and says nothing; the caller has fewer answers than questions."""

from typing import Any

from pydantic import BeforeValidator

CAUGHT_BY = (
    "test_thirty_two_questions_are_answered_and_thirty_three_refused",
    "test_max_batch_is_the_longest_batch",
)


def cut(prompts: Any) -> Any:
    return prompts[:MAX_BATCH] if isinstance(prompts, list) else prompts


Batch = Annotated[list[Prompt], Field(min_length=1, max_length=MAX_BATCH), BeforeValidator(cut)]
