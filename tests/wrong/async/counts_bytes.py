"""Measures a question in bytes, so whales are four times as long as they look."""

from pydantic import AfterValidator

CAUGHT_BY = ("test_an_item_of_8000_characters_is_answered_and_a_longer_one_refused",)


def not_too_long(text: str) -> str:
    if len(text.encode()) > 8000:
        raise ValueError("too long")
    return text


Batch = Annotated[
    list[Annotated[str, Field(pattern=r"\S"), AfterValidator(not_too_long)]],
    Field(min_length=1, max_length=MAX_BATCH),
]
