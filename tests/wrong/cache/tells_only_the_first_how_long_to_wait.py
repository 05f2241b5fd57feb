"""Tells only the first of those who wait for a busy LLM when to come back."""

from fastapi import HTTPException

CAUGHT_BY = ("test_a_failure_is_told_to_all_who_wait",)


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`; who comes while an equal question is under way waits for its answer."""
    if key in under_way:
        try:
            answer, source = await asyncio.shield(under_way[key])
        except HTTPException as error:
            raise HTTPException(error.status_code, error.detail) from error
        return answer, "HIT" if source == "MISS" else source
    under_way[key] = asyncio.create_task(find_or_ask(client, body, key))
    under_way[key].add_done_callback(lambda _: under_way.pop(key))
    return await asyncio.shield(under_way[key])
