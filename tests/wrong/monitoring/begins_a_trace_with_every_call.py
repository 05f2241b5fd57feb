"""Begins a new trace where it should go on with one."""

CAUGHT_BY = (
    "test_the_trace_of_the_caller_goes_upstream",
    "test_traces_never_cross",
)
FILE = "trace_context.py"


def outgoing() -> dict[str, str]:
    """The header for a call to the LLM: the trace of the request, and a new span as its parent."""
    trace_id = secrets.token_hex(16)
    return {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"}
