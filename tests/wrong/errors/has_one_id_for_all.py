"""Makes one new id when the process starts."""

CAUGHT_BY = ("test_a_request_without_an_id_gets_a_new_one",)
FILE = "middleware.py"


ONE_ID = uuid.uuid4().hex


def choose_id(sent: str) -> str:
    """The id that the caller sent, when it is sane; else a new one."""
    return sent if SANE_ID.fullmatch(sent) else ONE_ID
