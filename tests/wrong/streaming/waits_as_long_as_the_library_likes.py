"""No timeout is ours, so LLM_TIMEOUT_SECONDS means nothing."""

FILE = "llm.py"
CAUGHT_BY = (
    "test_an_llm_that_says_nothing_at_all_is_504",
    "test_silence_between_tokens_becomes_an_error_event",
    "test_a_heartbeat_does_not_hide_an_llm_that_is_gone",
)


@asynccontextmanager
async def lifespan(app):
    async with httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        timeout=None,
    ) as client:
        yield {"client": client}
