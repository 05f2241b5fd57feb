"""Thinks that a text which is not empty says something."""

CAUGHT_BY = ("test_a_blank_item_refuses_the_whole_batch",)

Batch = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=8000)]],
    Field(min_length=1, max_length=MAX_BATCH),
]
