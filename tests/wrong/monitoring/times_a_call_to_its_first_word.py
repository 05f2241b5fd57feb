"""Stops the clock of a call when the LLM has said who it is."""

CAUGHT_BY = ("test_the_duration_of_a_call_is_that_of_the_whole_call",)
FILE = "metrics.py"


class Call:
    """One call to the LLM, as far as it is known."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.model = "unknown"
        self.tokens: dict[str, int] = {}
        self.text_has_come = False
        self.head = 0.0

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    def answered_by(self, model: str) -> None:
        """The LLM says which model answers; not the one a caller has asked for."""
        if self.model != model:
            self.head = self.seconds
        self.model = model
        if record := RECORD.get():
            record.model = model

    def used(self, prompt: int, completion: int) -> None:
        """The LLM says what it takes."""
        self.tokens = {"prompt": prompt, "completion": completion}
        if record := RECORD.get():
            record.tokens = prompt + completion

    def has_text(self) -> None:
        """A chunk with text has come: observe the time to the first one, now."""
        if not self.text_has_come:
            self.text_has_come = True
            LLM_FIRST_TOKEN.labels(self.model).observe(self.seconds)


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
        LLM_SECONDS.labels(call.model).observe(call.head)
        for kind, tokens in call.tokens.items():
            LLM_TOKENS.labels(call.model, kind).inc(tokens)
