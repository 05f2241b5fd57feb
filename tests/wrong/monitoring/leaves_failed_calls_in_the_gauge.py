"""Takes a call out of the gauge when it is answered, and only then."""

CAUGHT_BY = (
    "test_each_way_to_fail_has_its_outcome",
    "test_a_silent_llm_is_a_timeout",
    "test_a_stream_that_breaks_is_an_error_of_its_model",
    "test_a_client_that_leaves_a_stream_cancels_its_call",
    "test_a_client_that_leaves_before_the_first_text_leaves_nothing",
    "test_calls_under_way_are_in_the_gauge",
    "test_a_call_is_in_the_gauge_to_the_end_of_its_stream",
)
FILE = "metrics.py"


@contextmanager
def measured() -> Iterator[Call]:
    """Measure one call to the LLM, however it ends."""
    call = Call()
    outcome = "cancelled"  # a client that leaves ends us with what is no Exception
    LLM_IN_FLIGHT.inc()
    try:
        yield call
        outcome = "ok"
        LLM_IN_FLIGHT.dec()
    except Exception as error:
        outcome = outcome_of(error)
        raise
    finally:
        LLM_REQUESTS.labels(call.model, outcome).inc()
        LLM_SECONDS.labels(call.model).observe(call.seconds)
        for kind, tokens in call.tokens.items():
            LLM_TOKENS.labels(call.model, kind).inc(tokens)
