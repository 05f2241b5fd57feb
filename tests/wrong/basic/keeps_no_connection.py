"""Shares a client that closes its connection after every answer."""

CAUGHT_BY = ("test_twenty_calls_in_a_row_share_a_connection",)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; routes find what is yielded in `request.state`."""
    async with httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        timeout=LLM_TIMEOUT_SECONDS,
        limits=httpx.Limits(max_keepalive_connections=0),
    ) as client:
        yield {"client": client}
