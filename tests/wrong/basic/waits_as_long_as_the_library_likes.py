"""Never reads LLM_TIMEOUT_SECONDS; httpx gives up after five seconds."""

CAUGHT_BY = ("test_a_silent_llm_is_504_after_the_timeout",)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; routes find what is yielded in `request.state`."""
    headers = {"Authorization": f"Bearer {LLM_API_KEY}"}
    async with httpx.AsyncClient(base_url=LLM_BASE_URL, headers=headers) as client:
        yield {"client": client}
