"""Sends the metrics as a page for people."""

CAUGHT_BY = ("test_prometheus_can_read_the_metrics",)


@app.get("/metrics")
def metrics() -> Response:
    """All metrics, in the text format that Prometheus reads; in a thread, for it may read files."""
    return Response(page(), media_type="text/html")
