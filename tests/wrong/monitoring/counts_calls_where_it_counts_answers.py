"""Thinks that every answer is a call, and that its status tells how that went."""

CAUGHT_BY = (
    "test_each_way_to_fail_has_its_outcome",
    "test_a_silent_llm_is_a_timeout",
    "test_a_stream_that_breaks_is_an_error_of_its_model",
    "test_a_client_that_leaves_a_stream_cancels_its_call",
    "test_what_is_refused_is_no_call",
)
FILE = "metrics.py"


def count(record: Record) -> None:
    """Count an answer that has ended."""
    method = record.method if record.method in METHODS else "OTHER"
    HTTP_REQUESTS.labels(method, record.route, str(record.status)).inc()
    if record.route in ("/query", "/stream"):
        outcome = "ok" if record.status == 200 else "error"
        LLM_REQUESTS.labels(record.model or "unknown", outcome).inc()
    HTTP_SECONDS.labels(record.route).observe(record.seconds)


@contextmanager
def measured() -> Iterator[Call]:
    """Measure one call to the LLM, however it ends."""
    call = Call()
    LLM_IN_FLIGHT.inc()
    try:
        yield call
    finally:
        LLM_IN_FLIGHT.dec()
        LLM_SECONDS.labels(call.model).observe(call.seconds)
        for kind, tokens in call.tokens.items():
            LLM_TOKENS.labels(call.model, kind).inc(tokens)
