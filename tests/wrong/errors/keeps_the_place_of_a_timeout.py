"""Keeps a place for a call that took too long, as the LLM may still be at it."""

CAUGHT_BY = ("test_an_answer_of_any_kind_frees_its_place",)
FILE = "protection.py"


class Places:
    """As many questions at once as MAX_IN_FLIGHT says."""

    def __init__(self) -> None:
        self.taken = 0

    @contextmanager
    def take(self) -> Iterator[None]:
        """Have a place for as long as the block lasts; 503 when there is none."""
        if self.taken >= MAX_IN_FLIGHT:
            raise HTTPException(
                503, "Too many questions at once. Please try again.", {"Retry-After": "1"}
            )
        self.taken += 1
        try:
            yield
        except LLMFailed as failed:
            self.taken += failed.status_code == 504
            raise
        finally:
            self.taken -= 1
