"""Counts tokens, so that a second token is a second budget."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return request.headers["Authorization"]
