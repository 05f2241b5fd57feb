"""Is kind to callers who send one text, until a list is one text by mistake."""

from typing import Any

from pydantic import BeforeValidator

CAUGHT_BY = ("test_what_is_no_list_of_texts_is_refused",)


def as_list(body: Any) -> Any:
    return [body] if isinstance(body, str) else body


Batch = Annotated[list[Prompt], Field(min_length=1, max_length=MAX_BATCH), BeforeValidator(as_list)]
