"""A proxy on the way collects the answer."""

CAUGHT_BY = ("test_nothing_on_the_way_may_store_or_collect_the_stream",)


SSE_HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
