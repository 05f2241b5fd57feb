"""Limits the number of questions and forgets that one can be a book."""

CAUGHT_BY = ("test_an_item_of_8000_characters_is_answered_and_a_longer_one_refused",)

Batch = Annotated[
    list[Annotated[str, Field(pattern=r"\S")]], Field(min_length=1, max_length=MAX_BATCH)
]
