"""Forgets the last window when it ends, and lets two budgets through at the edge."""

CAUGHT_BY = (
    "test_the_edge_of_a_window_is_no_way_around_the_limit",
    "test_a_window_that_is_shared_has_no_edge_either",
)


limiter = Limiter(
    key_func=user_key,
    key_style="endpoint",
    strategy="fixed-window",
    headers_enabled=True,
    storage_uri=RATE_LIMIT_STORAGE,
    storage_options=dict[str, Any](socket_timeout=0.5, socket_connect_timeout=0.5),
    in_memory_fallback_enabled=True,
)
