"""Thinks that every call ends with an answer or an Exception."""

CAUGHT_BY = (
    "test_a_client_that_leaves_a_stream_cancels_its_call",
    "test_a_client_that_leaves_before_the_first_text_leaves_nothing",
    "test_a_call_is_in_the_gauge_to_the_end_of_its_stream",
)
FILE = "metrics.py"


@contextmanager
def measured() -> Iterator[Call]:
    """Measure one call to the LLM."""
    call = Call()
    LLM_IN_FLIGHT.inc()
    try:
        yield call
        ended(call, "ok")
    except Exception as error:
        ended(call, outcome_of(error))
        raise


def ended(call: Call, outcome: str) -> None:
    LLM_IN_FLIGHT.dec()
    LLM_REQUESTS.labels(call.model, outcome).inc()
    LLM_SECONDS.labels(call.model).observe(call.seconds)
    for kind, tokens in call.tokens.items():
        LLM_TOKENS.labels(call.model, kind).inc(tokens)
