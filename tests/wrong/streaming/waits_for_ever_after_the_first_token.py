"""Is impatient with the first token only."""

CAUGHT_BY = (
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


async def first_event(request, events):
    try:
        return await asyncio.wait_for(anext(events), LLM_TIMEOUT_SECONDS)
    except TimeoutError:
        raise httpx.ReadTimeout("No first token.") from None
