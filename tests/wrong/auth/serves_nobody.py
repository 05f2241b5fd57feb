"""Goes on with no keys when it cannot read them; nobody learns why all get 401."""

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
