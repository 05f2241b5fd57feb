"""Takes the token for a handy key in its own memory, and thinks of users only in Redis."""

CAUGHT_BY = ("test_two_tokens_of_a_user_share_a_budget",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    if RATE_LIMIT_STORAGE == "memory://":
        return request.headers["Authorization"]
    return f"user {request.state.user}"
