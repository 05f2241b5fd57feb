"""Counts after the call, a line that a failure never reaches."""

CAUGHT_BY = (
    "test_each_way_to_fail_has_its_outcome",
    "test_a_silent_llm_is_a_timeout",
    "test_a_stream_that_breaks_is_an_error_of_its_model",
    "test_a_client_that_leaves_a_stream_cancels_its_call",
    "test_callers_cannot_make_series",
    "test_a_client_that_leaves_before_the_first_text_leaves_nothing",
)
FILE = "metrics.py"


@contextmanager
def measured() -> Iterator[Call]:
    """Measure one call to the LLM."""
    call = Call()
    with LLM_IN_FLIGHT.track_inprogress():
        yield call
    LLM_REQUESTS.labels(call.model, "ok").inc()
    LLM_SECONDS.labels(call.model).observe(call.seconds)
    for kind, tokens in call.tokens.items():
        LLM_TOKENS.labels(call.model, kind).inc(tokens)
