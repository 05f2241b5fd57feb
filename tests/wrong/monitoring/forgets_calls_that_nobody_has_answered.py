"""Does not count a call that is called off before the LLM has said a word."""

CAUGHT_BY = ("test_a_client_that_leaves_before_the_first_text_leaves_nothing",)
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
        if outcome != "cancelled" or call.model != "unknown":
            LLM_REQUESTS.labels(call.model, outcome).inc()
            LLM_SECONDS.labels(call.model).observe(call.seconds)
        for kind, tokens in call.tokens.items():
            LLM_TOKENS.labels(call.model, kind).inc(tokens)
