"""Takes every printable character for a visible one; the space is printable."""

CAUGHT_BY = ("test_a_request_id_that_is_not_sane_is_replaced",)
FILE = "callers.py"


SANE_ID = re.compile(r"[ -~]{1,128}")
