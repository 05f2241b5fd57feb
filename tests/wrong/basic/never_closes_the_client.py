"""Leaves the shared client to the end of the process."""

CAUGHT_BY = ("test_the_connections_are_closed_at_shutdown",)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; routes find what is yielded in `request.state`."""
    app.state.client = httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        timeout=LLM_TIMEOUT_SECONDS,
    )
    yield {"client": app.state.client}
