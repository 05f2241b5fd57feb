"""Takes whatever the caller calls the request."""

CAUGHT_BY = ("test_an_id_that_is_not_sane_is_not_passed_on",)
FILE = "middleware.py"


def choose_id(sent: str) -> str:
    """The id that the caller sent, when it is sane; else a new one."""
    return sent or uuid.uuid4().hex
