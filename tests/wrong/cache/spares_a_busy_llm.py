"""Does not ask a second time what the LLM was too busy for."""

from fastapi import HTTPException

CAUGHT_BY = ("test_a_failure_is_not_kept_and_the_answer_after_it_is",)


too_much: dict[str, HTTPException] = {}


async def find_or_ask(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The answer from the cache, or else from the LLM and then into the cache."""
    known, source = await look_up(key)
    if known is not None:
        return known, source
    if key in too_much:
        raise too_much[key]
    try:
        completion = await ask_llm(client, body)
    except HTTPException as failure:
        if failure.status_code == 503:
            too_much[key] = failure
        raise
    if source == "MISS":
        source = await keep(key, completion)
    return completion.response(), source
