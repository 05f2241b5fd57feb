"""Says when to come back by a date, which clocks that differ read differently."""

CAUGHT_BY = (
    "test_a_429_says_when_to_come_back",
    "test_coming_back_then_works",
)


limiter = Limiter(
    key_func=user_key,
    key_style="endpoint",
    strategy="moving-window",
    headers_enabled=True,
    retry_after="http-date",
    storage_uri=RATE_LIMIT_STORAGE,
    storage_options=dict[str, Any](socket_timeout=0.5, socket_connect_timeout=0.5),
    in_memory_fallback_enabled=True,
)
