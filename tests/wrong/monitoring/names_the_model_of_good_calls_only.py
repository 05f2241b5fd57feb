"""Says which model it was only of a call that went well."""

CAUGHT_BY = ("test_a_stream_that_breaks_is_an_error_of_its_model",)
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
        LLM_REQUESTS.labels(call.model if outcome == "ok" else "unknown", outcome).inc()
        LLM_SECONDS.labels(call.model).observe(call.seconds)
        for kind, tokens in call.tokens.items():
            LLM_TOKENS.labels(call.model, kind).inc(tokens)
