"""Has a budget for each user where processes share them, and one for all in its own memory."""

CAUGHT_BY = ("test_another_user_has_another_budget",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return "all" if RATE_LIMIT_STORAGE == "memory://" else f"user {request.state.user}"
