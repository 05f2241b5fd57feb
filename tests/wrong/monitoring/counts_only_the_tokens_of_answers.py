"""Counts the tokens that the LLM has written, and those that it has read cost, too."""

CAUGHT_BY = ("test_an_answered_call_is_counted_with_its_model_and_tokens",)
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
        LLM_SECONDS.labels(call.model).observe(call.seconds)
        if "completion" in call.tokens:
            LLM_TOKENS.labels(call.model, "completion").inc(call.tokens["completion"])
