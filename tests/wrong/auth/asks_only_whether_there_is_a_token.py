"""Takes any token for a good one: there is a header, so somebody has logged in."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


def user_of(token: str) -> str | None:
    """The user of a token."""
    return token
