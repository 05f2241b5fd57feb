"""Gives the client no time limit, so one silent call keeps the whole batch."""

FILE = "llm.py"
CAUGHT_BY = (
    "test_a_call_that_failed_gives_its_place_back",
    "test_an_llm_that_says_nothing_fails_one_item",
    "test_a_call_that_was_too_slow_gives_back_one_place",
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; routes find what is yielded in `request.state`."""
    async with httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        timeout=None,
    ) as client:
        yield {"client": client}
