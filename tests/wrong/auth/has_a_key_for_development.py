"""Has a key of its own for when none is set, and takes it to production."""

CAUGHT_BY = ("test_without_api_keys_the_app_does_not_start",)


API_KEYS = read_api_keys(os.environ.get("API_KEYS", '{"dev-token": "dev"}'))
