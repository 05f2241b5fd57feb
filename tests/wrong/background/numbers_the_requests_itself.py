"""Never looks at the id that the caller has given the request."""

CAUGHT_BY = ("test_a_sane_request_id_is_kept",)
FILE = "callers.py"


SANE_ID = re.compile(r"(?!)")
