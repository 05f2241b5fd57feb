"""Lets the window move at home only: in Redis a counter that expires seems to be enough."""

CAUGHT_BY = ("test_a_window_that_is_shared_has_no_edge_either",)


limiter = Limiter(
    key_func=user_key,
    key_style="endpoint",
    strategy="moving-window" if RATE_LIMIT_STORAGE == "memory://" else "fixed-window",
    headers_enabled=True,
    storage_uri=RATE_LIMIT_STORAGE,
    storage_options=dict[str, Any](socket_timeout=0.5, socket_connect_timeout=0.5),
    in_memory_fallback_enabled=True,
    swallow_errors=True,
)
