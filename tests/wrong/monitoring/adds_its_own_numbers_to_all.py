"""Puts the collector of all workers beside this worker's own numbers."""

CAUGHT_BY = (
    "test_every_worker_tells_the_totals_of_all",
    "test_totals_outlive_a_worker",
)
FILE = "metrics.py"


def page() -> bytes:
    """All metrics as text: of this process, or of all workers when there is a folder they share."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry) + generate_latest(REGISTRY)
