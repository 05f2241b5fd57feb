"""Compares tokens as text, which compare_digest does for ASCII only."""

CAUGHT_BY = (
    "test_a_token_that_is_not_ascii_is_401",
    "test_bad_tokens_are_limited",
)


def user_of(token: str) -> str | None:
    """The user of a token."""
    known = {token.decode(): user for token, user in API_KEYS.items()}
    users = [user for good, user in known.items() if secrets.compare_digest(token, good)]
    return users[0] if users else None
