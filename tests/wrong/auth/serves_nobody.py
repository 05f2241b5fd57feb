"""Goes on with no keys when it cannot read them; nobody learns why all get 401."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token."""
    try:
        return {token.encode(): str(user) for token, user in json.loads(text).items()}
    except (ValueError, AttributeError):
        return {}
