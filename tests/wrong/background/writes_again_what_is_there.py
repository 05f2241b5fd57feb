"""Never empties its outbox, and gives what it finds there a new id."""

import uuid

CAUGHT_BY = (
    "test_usage_remembers_what_was_before_a_restart",
    "test_a_row_that_is_there_is_not_written_again",
)
FILE = "usage.py"


def forget(row: Row) -> None:
    """Leave it: it does no harm."""


def kept() -> list[Row]:
    """The rows of earlier processes."""
    OUTBOX.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in OUTBOX.glob("*.json")]
    return [
        row | {"id": uuid.uuid4().hex, "created_at": datetime.fromisoformat(row["created_at"])}
        for row in rows
    ]
