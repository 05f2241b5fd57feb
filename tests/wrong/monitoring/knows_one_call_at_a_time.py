"""Sets its gauge to 1 when a call begins and to 0 when one ends, however many there are."""

CAUGHT_BY = ("test_calls_under_way_are_in_the_gauge",)
FILE = "metrics.py"


@contextmanager
def measured() -> Iterator[Call]:
    """Measure one call to the LLM, however it ends."""
    call = Call()
    outcome = "cancelled"  # a client that leaves ends us with what is no Exception
    LLM_IN_FLIGHT.set(1)
    try:
        yield call
        outcome = "ok"
    except Exception as error:
        outcome = outcome_of(error)
        raise
    finally:
        LLM_IN_FLIGHT.set(0)
        LLM_REQUESTS.labels(call.model, outcome).inc()
        LLM_SECONDS.labels(call.model).observe(call.seconds)
        for kind, tokens in call.tokens.items():
            LLM_TOKENS.labels(call.model, kind).inc(tokens)
