"""Has an object where the sentence for a crowd should be."""

CAUGHT_BY = ("test_a_refusal_that_spares_somebody_is_a_problem",)
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
                503, {"taken": self.taken, "places": MAX_IN_FLIGHT}, {"Retry-After": "1"}
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
