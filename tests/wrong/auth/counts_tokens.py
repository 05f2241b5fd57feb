"""Counts tokens, so that a second token is a second budget."""

CAUGHT_BY = (
    "test_two_tokens_of_a_user_share_a_budget",
    "test_two_processes_share_one_budget",
)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return request.headers["Authorization"]
