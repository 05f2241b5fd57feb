"""Looks for the token among the users as well."""

CAUGHT_BY = ("test_a_wrong_token_is_401",)


def user_of(token: str) -> str | None:
    """The user of a token."""
    if token in API_KEYS.values():
        return token
    sent = token.encode()
    users = [user for known, user in API_KEYS.items() if secrets.compare_digest(sent, known)]
    return users[0] if users else None
