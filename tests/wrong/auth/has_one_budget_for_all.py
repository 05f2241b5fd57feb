"""Counts all users under one name, so the first one to be busy stops the rest."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return "user"
