"""Has a number and does not look at it."""

CAUGHT_BY = (
    "test_one_too_many_is_refused_at_once",
    "test_a_hundred_may_be_inside",
)
FILE = "protection.py"


class Places:
    """As many questions at once as MAX_IN_FLIGHT says."""

    def __init__(self) -> None:
        self.taken = 0

    @contextmanager
    def take(self) -> Iterator[None]:
        """Have a place for as long as the block lasts; 503 when there is none."""
        if self.taken < 0:
            raise HTTPException(
                503, "Too many questions at once. Please try again.", {"Retry-After": "1"}
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
