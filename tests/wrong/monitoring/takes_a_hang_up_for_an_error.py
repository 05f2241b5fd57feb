"""Blames the LLM when a client has left."""

CAUGHT_BY = ("test_a_client_that_leaves_a_stream_cancels_its_call",)
FILE = "metrics.py"


@contextmanager
def measured() -> Iterator[Call]:
    """Measure one call to the LLM, however it ends."""
    call = Call()
    outcome = "error"
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
        LLM_SECONDS.labels(call.model).observe(call.seconds)
        for kind, tokens in call.tokens.items():
            LLM_TOKENS.labels(call.model, kind).inc(tokens)
