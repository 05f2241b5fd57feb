"""Keeps the trace of the latest request for all of them."""

CAUGHT_BY = ("test_traces_never_cross",)
FILE = "trace_context.py"

LATEST = {"trace": ""}


def trace_id_of(header: str) -> str:
    """The trace that the caller's request belongs to; a new one when they sent no valid header."""
    found = TRACEPARENT.fullmatch(header)
    LATEST["trace"] = found[1] if found else secrets.token_hex(16)
    return LATEST["trace"]


def outgoing() -> dict[str, str]:
    """The header for a call to the LLM: the trace of the request, and a new span as its parent."""
    return {"traceparent": f"00-{LATEST['trace']}-{secrets.token_hex(8)}-01"}
