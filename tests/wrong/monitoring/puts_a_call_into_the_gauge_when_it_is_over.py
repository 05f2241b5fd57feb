"""Counts a call as under way once it knows how it has ended."""

CAUGHT_BY = (
    "test_calls_under_way_are_in_the_gauge",
    "test_a_call_is_in_the_gauge_to_the_end_of_its_stream",
)
FILE = "metrics.py"


@contextmanager
def measured() -> Iterator[Call]:
    """Measure one call to the LLM, however it ends."""
    call = Call()
    outcome = "cancelled"  # a client that leaves ends us with what is no Exception
    try:
        yield call
        outcome = "ok"
    except Exception as error:
        outcome = outcome_of(error)
        raise
    finally:
        with LLM_IN_FLIGHT.track_inprogress():
            LLM_REQUESTS.labels(call.model, outcome).inc()
            LLM_SECONDS.labels(call.model).observe(call.seconds)
            for kind, tokens in call.tokens.items():
                LLM_TOKENS.labels(call.model, kind).inc(tokens)
