"""Thinks that a call that was cut off has no duration."""

CAUGHT_BY = (
    "test_a_silent_llm_is_a_timeout",
    "test_a_client_that_leaves_a_stream_cancels_its_call",
    "test_a_client_that_leaves_before_the_first_text_leaves_nothing",
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
    except Exception as error:
        outcome = outcome_of(error)
        raise
    finally:
        LLM_IN_FLIGHT.dec()
        LLM_REQUESTS.labels(call.model, outcome).inc()
        if outcome not in ("timeout", "cancelled"):
            LLM_SECONDS.labels(call.model).observe(call.seconds)
        for kind, tokens in call.tokens.items():
            LLM_TOKENS.labels(call.model, kind).inc(tokens)
