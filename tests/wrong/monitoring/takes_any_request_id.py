"""Takes whatever the caller sends for an id."""

CAUGHT_BY = ("test_an_id_that_a_caller_sends_is_kept_or_replaced",)
FILE = "record.py"


def sane_id(sent: str) -> str:
    """The id that a caller sent, or a new one when that is not fit for a log."""
    return sent or uuid.uuid4().hex
