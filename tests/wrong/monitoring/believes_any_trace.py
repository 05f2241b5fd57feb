"""Takes the part between two dashes for a trace id."""

CAUGHT_BY = ("test_an_invalid_traceparent_begins_a_new_trace",)
FILE = "trace_context.py"


def trace_id_of(header: str) -> str:
    """The second part of the header."""
    parts = header.split("-")
    return parts[1] if len(parts) == 4 else secrets.token_hex(16)
