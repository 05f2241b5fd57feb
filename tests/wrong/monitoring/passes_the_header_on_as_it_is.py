"""Sends the caller's header upstream, as if the caller had called."""

CAUGHT_BY = (
    "test_the_trace_of_the_caller_goes_upstream",
    "test_a_request_without_a_trace_begins_one",
    "test_an_invalid_traceparent_begins_a_new_trace",
)
FILE = "trace_context.py"


def trace_id_of(header: str) -> str:
    """The header itself."""
    return header


def outgoing() -> dict[str, str]:
    """The header for a call to the LLM."""
    record = RECORD.get()
    return {"traceparent": record.trace_id} if record and record.trace_id else {}
