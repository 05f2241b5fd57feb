"""Answers 503 to those who ask what is being asked."""

from fastapi import HTTPException

CAUGHT_BY = (
    "test_twenty_equal_questions_at_once_are_one_call",
    "test_a_failure_is_told_to_all_who_wait",
    "test_a_cut_answer_is_told_to_all_who_wait",
    "test_a_silent_llm_is_told_to_all_who_wait",
)


asking: set[str] = set()


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`, for one at a time."""
    if key in asking:
        raise HTTPException(503, "Somebody is asking this right now.", {"Retry-After": "1"})
    asking.add(key)
    try:
        return await find_or_ask(client, body, key)
    finally:
        asking.remove(key)
