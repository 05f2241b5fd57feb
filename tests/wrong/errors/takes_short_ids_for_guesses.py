"""Keeps only ids that are long enough to be unique."""

CAUGHT_BY = ("test_a_sane_id_is_kept",)
FILE = "middleware.py"

SANE_ID = re.compile(r"[!-~]{8,128}")
