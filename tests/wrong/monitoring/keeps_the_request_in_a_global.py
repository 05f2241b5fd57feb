"""Has one record for all requests under way."""

CAUGHT_BY = (
    "test_ids_never_cross",
    "test_traces_never_cross",
)
FILE = "record.py"


class OneForAll:
    """What all share."""

    def __init__(self) -> None:
        self.value: Record | None = None

    def get(self) -> Record | None:
        return self.value

    def set(self, value: Record) -> None:
        self.value = value


RECORD = OneForAll()
