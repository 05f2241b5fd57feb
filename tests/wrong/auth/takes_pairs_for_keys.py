"""Hands what it finds to dict(), which takes a list of pairs as well."""

CAUGHT_BY = ("test_with_api_keys_that_are_no_object_the_app_does_not_start",)


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token; ends the process when there is no key at all."""
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    try:
        keys = dict(keys or ())
    except (TypeError, ValueError):
        keys = None
    if not keys:
        raise SystemExit("API_KEYS must be a JSON object.")
    return {token.encode(): str(user) for token, user in keys.items()}
