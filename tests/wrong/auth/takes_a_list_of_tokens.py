"""Makes users out of whatever it finds in API_KEYS."""

CAUGHT_BY = ("test_with_api_keys_that_are_no_object_the_app_does_not_start",)


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token; ends the process when there is no key at all."""
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not keys:
        raise SystemExit("API_KEYS must be a JSON object.")
    if not isinstance(keys, dict):
        keys = {token: token for token in keys}
    return {token.encode(): str(user) for token, user in keys.items()}
