"""Forgets that an empty object is an object."""

CAUGHT_BY = ("test_with_no_key_in_api_keys_the_app_does_not_start",)


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token; ends the process when there is no key at all."""
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict):
        raise SystemExit("API_KEYS must be a JSON object.")
    return {token.encode(): str(user) for token, user in keys.items()}
