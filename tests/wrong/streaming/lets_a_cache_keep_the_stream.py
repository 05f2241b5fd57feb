"""A cache on the way may store the answer."""

CAUGHT_BY = ("test_nothing_on_the_way_may_store_or_collect_the_stream",)


SSE_HEADERS = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
