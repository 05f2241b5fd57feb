"""Has a key of its own for when none is set, or an empty one."""

CAUGHT_BY = (
    "test_without_api_keys_the_app_does_not_start",
    "test_with_empty_api_keys_the_app_does_not_start",
)


API_KEYS = read_api_keys(os.environ.get("API_KEYS") or '{"dev-token": "dev"}')
