"""Has one trace for all who send none."""

CAUGHT_BY = ("test_a_request_without_a_trace_begins_one",)
FILE = "trace_context.py"


OWN = secrets.token_hex(16)


def trace_id_of(header: str) -> str:
    """The trace that the caller's request belongs to; a new one when they sent no valid header."""
    found = TRACEPARENT.fullmatch(header)
    return found[1] if found else OWN
