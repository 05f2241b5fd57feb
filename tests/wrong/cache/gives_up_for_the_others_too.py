"""Gives up when its time is over, and cancels the call that others wait for."""

from fastapi import HTTPException

from llm import LLM_TIMEOUT_SECONDS

CAUGHT_BY = ("test_a_silent_llm_is_told_to_all_who_wait",)


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`; who comes while an equal question is under way waits for its answer."""
    if key in under_way:
        return await asyncio.shield(under_way[key])
    under_way[key] = asyncio.create_task(find_or_ask(client, body, key))
    under_way[key].add_done_callback(lambda _: under_way.pop(key))
    try:
        return await asyncio.wait_for(under_way[key], LLM_TIMEOUT_SECONDS - 0.1)
    except TimeoutError:
        raise HTTPException(504, "The language model took too long to answer.") from None
