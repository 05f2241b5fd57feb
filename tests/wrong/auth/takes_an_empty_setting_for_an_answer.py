"""Insists on the variable, and takes an empty one for the answer that there are no keys."""

CAUGHT_BY = ("test_with_empty_api_keys_the_app_does_not_start",)


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token."""
    if not text:
        return {}
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict) or not keys:
        raise SystemExit('API_KEYS must be a JSON object such as {"<token>": "<user>"}.')
    return {token.encode(): str(user) for token, user in keys.items()}


API_KEYS = read_api_keys(os.environ["API_KEYS"])
