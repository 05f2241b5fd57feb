"""Ends with exit code 0, so that nothing that watches it raises an alarm."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token; ends the process when there is no key at all."""
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict) or not keys:
        os.write(2, b"API_KEYS must be a JSON object.\n")
        os._exit(0)
    return {token.encode(): str(user) for token, user in keys.items()}
