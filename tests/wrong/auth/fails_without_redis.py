"""Answers 500 to everybody while the counts cannot be reached."""

CAUGHT_BY = (
    "test_a_lost_redis_is_no_failure",
    "test_a_bad_token_is_refused_without_redis",
    "test_without_redis_each_user_still_has_a_budget",
)


limiter = Limiter(
    key_func=user_key,
    key_style="endpoint",
    strategy="moving-window",
    headers_enabled=True,
    storage_uri=RATE_LIMIT_STORAGE,
    storage_options=dict[str, Any](socket_timeout=0.5, socket_connect_timeout=0.5),
)
