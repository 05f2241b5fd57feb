"""Accepts a token that a good one begins with."""

CAUGHT_BY = ("test_a_wrong_token_is_401",)


def user_of(token: str) -> str | None:
    """The user of a token."""
    sent = token.encode()
    users = [user for known, user in API_KEYS.items() if known.startswith(sent)]
    return users[0] if users else None
