"""Keeps no answer to a question that has failed before."""

from fastapi import HTTPException

CAUGHT_BY = ("test_a_failure_is_not_kept_and_the_answer_after_it_is",)


suspect: set[str] = set()


async def find_or_ask(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The answer from the cache, or else from the LLM and then into the cache."""
    known, source = await look_up(key)
    if known is not None:
        return known, source
    try:
        completion = await ask_llm(client, body)
    except HTTPException:
        suspect.add(key)
        raise
    if source == "MISS" and key not in suspect:
        source = await keep(key, completion)
    return completion.response(), source
