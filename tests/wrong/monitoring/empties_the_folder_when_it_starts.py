"""Begins with an empty folder, and others write into it already."""

import os
from pathlib import Path

CAUGHT_BY = ("test_totals_outlive_a_worker",)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """One client for the LLM, and one opinion on whether it answers, for the whole process."""
    for path in Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR", "/nowhere")).glob("*.db"):
        path.unlink()
    async with make_client() as client:
        yield {"client": client, "readiness": Readiness(client)}
