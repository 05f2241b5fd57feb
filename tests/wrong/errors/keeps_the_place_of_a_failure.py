"""Frees a place only after an answer that went well."""

CAUGHT_BY = (
    "test_an_answer_of_any_kind_frees_its_place",
    "test_a_hang_up_frees_its_place_and_ends_the_call",
    "test_a_hang_up_between_two_calls_frees_its_place",
    "test_a_question_that_is_spared_frees_its_place",
)
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
        yield
        self.taken -= 1
