"""Thinks that a probe which the LLM refused is still under way."""

CAUGHT_BY = ("test_a_probe_that_proves_nothing_is_followed_by_another",)
FILE = "protection.py"


class Breaker:
    """Lets nobody call an LLM that is down, but for a probe now and then."""

    def __init__(self) -> None:
        self.failures = 0  # in a row
        self.probe_at = 0.0  # when the next probe may go
        self.probing = False

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Around a question: 503 when it must not be asked, else learn from how it went."""
        probe = self.failures >= BREAKER_FAILURES
        if probe:
            self.admit_probe()
        try:
            yield
        except LLMFailed as failed:
            self.learn(failed)
            raise
        except HTTPException:  # the client has left
            self.probing = False
            raise
        else:
            self.failures = 0
            self.probing = False

    def admit_probe(self) -> None:
        """Take the place of the probe; 503 when it is taken, or too early."""
        wait = self.probe_at - time.monotonic()
        if wait > 0 or self.probing:
            raise HTTPException(
                503,
                "The language model is down. Please try again later.",
                {"Retry-After": str(max(1, math.ceil(wait)))},
            )
        self.probing = True

    def learn(self, failed: LLMFailed) -> None:
        """Count failures of the LLM itself; the fifth in a row opens the breaker."""
        if failed.outage:
            self.failures += 1
            self.probing = False
            self.probe_at = time.monotonic() + BREAKER_RESET_SECONDS
