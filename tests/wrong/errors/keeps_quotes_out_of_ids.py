"""Lets no quotation mark into its log, visible or not."""

CAUGHT_BY = ("test_a_sane_id_is_kept",)
FILE = "middleware.py"

SANE_ID = re.compile(r"[!#-~]{1,128}")
