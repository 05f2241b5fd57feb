"""Has one parent id for all its calls, and nobody can tell them apart."""

CAUGHT_BY = ("test_the_trace_of_the_caller_goes_upstream",)
FILE = "trace_context.py"


SPAN_ID = secrets.token_hex(8)


def outgoing() -> dict[str, str]:
    """The header for a call to the LLM: the trace of the request, and a new span as its parent."""
    record = RECORD.get()
    trace_id = record.trace_id if record else secrets.token_hex(16)
    return {"traceparent": f"00-{trace_id}-{SPAN_ID}-01"}
