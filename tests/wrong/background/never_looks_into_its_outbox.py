"""Keeps every row with care, and nobody ever comes to fetch them."""

CAUGHT_BY = ("test_a_row_survives_kill_9_straight_after_the_answer",)
FILE = "usage.py"


def kept() -> list[Row]:
    """Nothing."""
    OUTBOX.mkdir(parents=True, exist_ok=True)
    return []
