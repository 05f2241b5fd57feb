"""Answers nothing with nothing, and the caller's bug stays hidden."""

CAUGHT_BY = ("test_an_empty_batch_is_refused",)

Batch = Annotated[list[Prompt], Field(max_length=MAX_BATCH)]
