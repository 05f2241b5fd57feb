"""Takes the token for a handy key in Redis, where a second token is then a second budget."""

CAUGHT_BY = ("test_two_processes_share_one_budget",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    if RATE_LIMIT_STORAGE != "memory://" and not limiter._storage_dead:
        return request.headers["Authorization"]
    return f"user {request.state.user}"
