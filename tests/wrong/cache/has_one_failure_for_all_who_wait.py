"""Knows why it failed, and tells those who waited only that it did."""

from fastapi import HTTPException

CAUGHT_BY = (
    "test_a_failure_is_told_to_all_who_wait",
    "test_a_silent_llm_is_told_to_all_who_wait",
)


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`; who comes while an equal question is under way waits for its answer."""
    if key in under_way:
        try:
            return await asyncio.shield(under_way[key])
        except HTTPException as failure:
            raise HTTPException(502, "The language model could not answer.") from failure
    under_way[key] = asyncio.create_task(find_or_ask(client, body, key))
    under_way[key].add_done_callback(lambda _: under_way.pop(key))
    return await asyncio.shield(under_way[key])
