"""Writes `bearer` before the key: one LLM overlooks it, and the next one refuses every call."""

CAUGHT_BY = ("test_the_key_is_sent_as_a_bearer_token",)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; routes find what is yielded in `request.state`."""
    async with httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"bearer {LLM_API_KEY}"},
        timeout=LLM_TIMEOUT_SECONDS,
    ) as client:
        yield {"client": client}
