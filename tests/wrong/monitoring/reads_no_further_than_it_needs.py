"""Takes a `traceparent` for valid when its beginning is."""

CAUGHT_BY = ("test_an_invalid_traceparent_begins_a_new_trace",)
FILE = "trace_context.py"


def trace_id_of(header: str) -> str:
    """The trace that the caller's request belongs to; a new one when they sent no valid header."""
    found = TRACEPARENT.match(header)
    return found[1] if found else secrets.token_hex(16)
