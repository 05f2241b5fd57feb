"""Has a budget for each user at home, and one for all where processes share it."""

CAUGHT_BY = ("test_two_processes_share_one_budget",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    if RATE_LIMIT_STORAGE != "memory://" and not limiter._storage_dead:
        return "shared"
    return f"user {request.state.user}"
