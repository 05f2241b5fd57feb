"""Takes an id with spaces in it."""

CAUGHT_BY = ("test_an_id_that_is_not_sane_is_not_passed_on",)
FILE = "middleware.py"


SANE_ID = re.compile(r"[ -~]{1,128}")
