"""Has no upper end: one request may cost the budget of the day."""

CAUGHT_BY = (
    "test_thirty_two_questions_are_answered_and_thirty_three_refused",
    "test_max_batch_is_the_longest_batch",
)

Batch = Annotated[list[Prompt], Field(min_length=1)]
