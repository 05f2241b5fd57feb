"""Does not start when the LLM is not there, and starts again and again until it is."""

from contextlib import suppress

import httpx

CAUGHT_BY = ("test_an_llm_that_is_gone_makes_an_app_that_lives_and_is_not_ready",)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """One client for the LLM, and one opinion on whether it answers, for the whole process."""
    async with make_client() as client:
        with suppress(httpx.TimeoutException):  # it is there, and slow
            await client.get("/models", timeout=1)
        yield {"client": client, "readiness": Readiness(client)}
