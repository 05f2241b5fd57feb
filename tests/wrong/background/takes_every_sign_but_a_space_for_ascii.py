"""Takes for visible ASCII whatever is not white space."""

CAUGHT_BY = ("test_a_request_id_that_is_not_sane_is_replaced",)
FILE = "callers.py"


SANE_ID = re.compile(r"\S{1,128}")
