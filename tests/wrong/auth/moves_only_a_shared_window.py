"""Lets the window move in Redis only: a counter for each window seems to do in its own memory."""

CAUGHT_BY = ("test_the_edge_of_a_window_is_no_way_around_the_limit",)


limiter = Limiter(
    key_func=user_key,
    key_style="endpoint",
    strategy="fixed-window" if RATE_LIMIT_STORAGE == "memory://" else "moving-window",
    headers_enabled=True,
    storage_uri=RATE_LIMIT_STORAGE,
    storage_options=dict[str, Any](socket_timeout=0.5, socket_connect_timeout=0.5),
    in_memory_fallback_enabled=True,
    swallow_errors=True,
)
