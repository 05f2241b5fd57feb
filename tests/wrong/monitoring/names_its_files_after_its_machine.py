"""Names the files of a worker after its machine, and all workers of one write into the same."""

import os
import socket

from prometheus_client import values

CAUGHT_BY = ("test_every_worker_tells_the_totals_of_all",)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """One client for the LLM, and one opinion on whether it answers, for the whole process."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        values.ValueClass = values.MultiProcessValue(socket.gethostname)
    async with make_client() as client:
        yield {"client": client, "readiness": Readiness(client)}
