"""Counts all users under one name, so the first one to be busy stops the rest."""

CAUGHT_BY = (
    "test_another_user_has_another_budget",
    "test_two_processes_share_one_budget",
    "test_without_redis_each_user_still_has_a_budget",
)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return "user"
