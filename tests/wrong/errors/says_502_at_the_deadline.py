"""Takes its own deadline for a failed answer of the LLM."""

CAUGHT_BY = ("test_at_the_deadline_there_is_an_answer",)
FILE = "retrying.py"


async def ask_llm(
    client: httpx.AsyncClient, body: QueryRequest, headers: dict[str, str]
) -> QueryResponse:
    """Call the LLM up to three times; what the last call raises is what the caller gets."""
    deadline = asyncio.get_running_loop().time() + REQUEST_DEADLINE_SECONDS
    try:
        async with asyncio.timeout_at(deadline):
            return await call_until(deadline, client, body, headers)
    except TimeoutError:
        raise LLMFailed(502, "The language model took too long to answer.", outage=True) from None
