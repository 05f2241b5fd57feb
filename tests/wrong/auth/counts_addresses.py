"""Counts addresses, so that an office shares one budget and a traveller has many."""

CAUGHT_BY = (
    "test_another_user_has_another_budget",
    "test_a_budget_follows_its_user_to_another_address",
    "test_two_processes_share_one_budget",
    "test_without_redis_each_user_still_has_a_budget",
)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return get_remote_address(request)
