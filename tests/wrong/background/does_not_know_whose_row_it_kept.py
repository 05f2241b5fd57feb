"""Replays what was spent, and no longer knows by whom."""

CAUGHT_BY = ("test_a_row_survives_kill_9_straight_after_the_answer",)
FILE = "usage.py"


def kept() -> list[Row]:
    """The rows that an earlier process did not get to write."""
    OUTBOX.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in OUTBOX.glob("*.json")]
    return [
        row | {"created_at": datetime.fromisoformat(row["created_at"]), "user_id": "unknown"}
        for row in rows
    ]
