"""Observes the time to each token."""

CAUGHT_BY = ("test_the_time_to_the_first_token_ends_with_the_first_text",)
FILE = "metrics.py"


class Call:
    """One call to the LLM, as far as it is known."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.model = "unknown"
        self.tokens: dict[str, int] = {}
        self.text_has_come = False

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    def answered_by(self, model: str) -> None:
        """The LLM says which model answers; not the one a caller has asked for."""
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
        LLM_FIRST_TOKEN.labels(self.model).observe(self.seconds)
