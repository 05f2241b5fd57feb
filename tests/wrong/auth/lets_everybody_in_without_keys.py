"""Takes missing keys for a wish to have none, and lets everybody in."""

CAUGHT_BY = (
    "test_without_api_keys_the_app_does_not_start",
    "test_with_empty_api_keys_the_app_does_not_start",
    "test_with_no_key_in_api_keys_the_app_does_not_start",
    "test_with_api_keys_that_are_no_json_the_app_does_not_start",
    "test_with_api_keys_that_are_no_object_the_app_does_not_start",
)


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token."""
    try:
        return {token.encode(): str(user) for token, user in json.loads(text).items()}
    except (ValueError, AttributeError):
        return {}


def user_of(token: str) -> str | None:
    """The user of a token."""
    if not API_KEYS:
        return "anybody"
    sent = token.encode()
    users = [user for known, user in API_KEYS.items() if secrets.compare_digest(sent, known)]
    return users[0] if users else None
