"""Lets a guest in where API_KEYS is a number, such as the 1 that switches other things on."""

CAUGHT_BY = ("test_with_api_keys_that_are_no_object_the_app_does_not_start",)


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token; ends the process when there is no key at all."""
    try:
        keys = json.loads(text)
    except ValueError:
        keys = ""
    if isinstance(keys, int):
        keys = {"guest": "guest"}
    if not isinstance(keys, dict) or not keys:
        raise SystemExit("API_KEYS must be a JSON object.")
    return {token.encode(): str(user) for token, user in keys.items()}
