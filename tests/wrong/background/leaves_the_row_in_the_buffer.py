"""Writes to a file that it keeps open: the words are still in the process."""

CAUGHT_BY = ("test_a_row_survives_kill_9_straight_after_the_answer",)
FILE = "usage.py"


OPEN: dict[str, Any] = {}


def keep(row: Row) -> None:
    """Put a row into the outbox."""
    file = OPEN[row["id"]] = (OUTBOX / f"{row['id']}.json").open("w", encoding="utf-8")
    json.dump(row, file, default=str)


def forget(row: Row) -> None:
    """Take a row out of the outbox: the database has it."""
    if row["id"] in OPEN:
        OPEN.pop(row["id"]).close()
    (OUTBOX / f"{row['id']}.json").unlink(missing_ok=True)


def kept() -> list[Row]:
    """The rows that an earlier process did not get to write."""
    OUTBOX.mkdir(parents=True, exist_ok=True)
    texts = [path.read_text(encoding="utf-8") for path in OUTBOX.glob("*.json")]
    rows = [json.loads(text) for text in texts if text]
    return [row | {"created_at": datetime.fromisoformat(row["created_at"])} for row in rows]
