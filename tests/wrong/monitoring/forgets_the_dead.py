"""Takes a worker's numbers away with the worker."""

from pathlib import Path

CAUGHT_BY = ("test_totals_outlive_a_worker",)
FILE = "metrics.py"


def page() -> bytes:
    """All metrics as text: of this process, or of all workers when there is a folder they share."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    for path in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db"):
        if not Path(f"/proc/{path.stem.rpartition('_')[2]}").exists():
            path.unlink()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
