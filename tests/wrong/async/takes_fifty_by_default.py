"""Takes fifty questions when MAX_BATCH is not set."""

CAUGHT_BY = ("test_thirty_two_questions_are_answered_and_thirty_three_refused",)


MAX_BATCH = int(os.environ.get("MAX_BATCH", "50"))
