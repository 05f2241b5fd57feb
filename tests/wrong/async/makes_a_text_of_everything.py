"""Asks the LLM about `5`, `None` and `{'query': ...}`."""

from pydantic import BeforeValidator

CAUGHT_BY = ("test_what_is_no_list_of_texts_is_refused",)

Batch = Annotated[
    list[Annotated[str, Field(max_length=8000, pattern=r"\S"), BeforeValidator(str)]],
    Field(min_length=1, max_length=MAX_BATCH),
]
