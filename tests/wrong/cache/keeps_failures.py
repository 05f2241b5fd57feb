"""Keeps a failure like any other answer."""

from fastapi import HTTPException

CAUGHT_BY = (
    "test_a_failure_is_not_kept_and_the_answer_after_it_is",
    "test_the_next_question_after_a_failure_tries_again",
)


failures: dict[str, HTTPException] = {}


async def find_or_ask(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The answer from the cache, or else from the LLM and then into the cache."""
    known, source = await look_up(key)
    if known is not None:
        return known, source
    if key in failures:
        raise failures[key]
    try:
        completion = await ask_llm(client, body)
    except HTTPException as failure:
        failures[key] = failure
        raise
    if source == "MISS":
        source = await keep(key, completion)
    return completion.response(), source
