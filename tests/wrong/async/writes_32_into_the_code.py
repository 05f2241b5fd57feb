"""Takes 32, whatever MAX_BATCH says."""

CAUGHT_BY = ("test_max_batch_is_the_longest_batch",)

Batch = Annotated[list[Prompt], Field(min_length=1, max_length=32)]
