"""Quotes the setting it cannot read, and the tokens in it."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token; ends the process when there is no key at all."""
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict) or not keys:
        raise SystemExit(f"API_KEYS must be a JSON object, not {text!r}.")
    return {token.encode(): str(user) for token, user in keys.items()}
