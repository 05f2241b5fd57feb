"""Counts for each user while there is a Redis, and all together when it is gone."""

CAUGHT_BY = ("test_without_redis_each_user_still_has_a_budget",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return "everybody" if limiter._storage_dead else f"user {request.state.user}"
