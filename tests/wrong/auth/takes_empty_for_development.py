"""Has a key of its own for when none is set, or an empty one."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


API_KEYS = read_api_keys(os.environ.get("API_KEYS") or '{"dev-token": "dev"}')
