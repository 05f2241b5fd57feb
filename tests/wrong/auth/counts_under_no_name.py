"""Counts under an empty name, and slowapi leaves the limit out."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return str(getattr(request.state, "user_id", ""))
