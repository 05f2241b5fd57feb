"""Forgets that an empty object is an object."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token; ends the process when there is no key at all."""
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict):
        raise SystemExit("API_KEYS must be a JSON object.")
    return {token.encode(): str(user) for token, user in keys.items()}
