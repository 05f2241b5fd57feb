"""Replays what was spent on which model, and no longer knows how long that took."""

CAUGHT_BY = ("test_a_row_survives_kill_9_straight_after_the_answer",)
FILE = "usage.py"


def kept() -> list[Row]:
    """The rows that an earlier process did not get to write."""
    OUTBOX.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in OUTBOX.glob("*.json")]
    return [
        row | {"created_at": datetime.fromisoformat(row["created_at"]), "duration_ms": 0}
        for row in rows
    ]
