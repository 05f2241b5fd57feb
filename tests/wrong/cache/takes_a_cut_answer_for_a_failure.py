"""Answers 502 when the LLM was cut off."""

from fastapi import HTTPException

CAUGHT_BY = (
    "test_a_truncated_answer_is_not_kept",
    "test_a_cut_answer_is_told_to_all_who_wait",
)


async def keep(key: str, completion: Completion) -> str:
    """Put an answer into the cache; one that is not whole is a failure."""
    if completion.finish_reason != "stop":
        raise HTTPException(502, "The language model did not finish. Please ask for less.")
    try:
        await cache.put(key, completion.response().model_dump_json())
    except RedisError:
        return "BYPASS"
    return "MISS"
