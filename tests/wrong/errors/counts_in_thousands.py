"""Takes 64 KiB for 64,000 bytes."""

CAUGHT_BY = ("test_64_kib_are_taken",)
FILE = "middleware.py"


MAX_BODY_BYTES = 64_000
