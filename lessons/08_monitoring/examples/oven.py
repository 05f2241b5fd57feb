"""An oven that counts every loaf, also those that nobody waits for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

registry = CollectorRegistry()
LOAVES = Counter("loaves_total", "Loaves that left the oven.", ["how"], registry=registry)
INSIDE = Gauge("loaves_in_the_oven", "Loaves in it now.", registry=registry)
MINUTES = Histogram(
    "baking_seconds", "In the oven.", registry=registry, buckets=(60, 600, 1800, 3600)
)


@contextmanager
def baked() -> Iterator[None]:
    """Watch a loaf, whatever happens to it."""
    how = "abandoned"
    started = time.perf_counter()
    INSIDE.inc()
    try:
        yield
        how = "good"
    except Exception:
        how = "burnt"
        raise
    finally:
        INSIDE.dec()
        LOAVES.labels(how).inc()
        MINUTES.observe(time.perf_counter() - started)
