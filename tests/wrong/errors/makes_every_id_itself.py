"""Does not look at the id that the caller sent."""

CAUGHT_BY = (
    "test_a_sane_id_is_kept",
    "test_every_answer_has_the_id",
    "test_the_llm_hears_the_id",
    "test_the_log_has_the_id",
    "test_requests_under_way_at_once_keep_their_ids",
    "test_an_answer_that_spares_somebody_has_the_id",
    "test_the_log_has_the_id_of_a_failure",
)
FILE = "middleware.py"


def choose_id(sent: str) -> str:
    """The id that the caller sent, when it is sane; else a new one."""
    return uuid.uuid4().hex
