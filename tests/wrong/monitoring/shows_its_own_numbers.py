"""Shows what this process has counted, whoever is asked."""

CAUGHT_BY = (
    "test_every_worker_tells_the_totals_of_all",
    "test_totals_outlive_a_worker",
)
FILE = "metrics.py"


def page() -> bytes:
    """All metrics as text: of this process, or of all workers when there is a folder they share."""
    return generate_latest(REGISTRY)
