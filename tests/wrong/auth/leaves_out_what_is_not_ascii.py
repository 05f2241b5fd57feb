"""Leaves out of a token what is no ASCII, and takes what remains for the token."""

CAUGHT_BY = ("test_a_token_that_is_not_ascii_is_401",)


def user_of(token: str) -> str | None:
    """The user of a token."""
    sent = token.encode("ascii", "ignore")
    users = [user for known, user in API_KEYS.items() if secrets.compare_digest(sent, known)]
    return users[0] if users else None
