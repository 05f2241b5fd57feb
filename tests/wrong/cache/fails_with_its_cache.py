"""Answers 500 when the cache is lost."""

CAUGHT_BY = (
    "test_an_app_without_its_redis_starts_and_answers",
    "test_an_app_beside_a_silent_redis_starts_and_answers",
    "test_a_killed_redis_is_done_without",
    "test_a_silent_redis_is_not_waited_for",
    "test_a_redis_that_is_back_is_used_again",
    "test_a_redis_that_comes_later_is_used",
    "test_what_a_silent_redis_says_late_answers_no_other_question",
)


async def look_up(key: str) -> tuple[QueryResponse | None, str]:
    """What the cache has under `key`."""
    text = await cache.get(key)
    if text is None:
        return None, "MISS"
    return QueryResponse.model_validate_json(text), "HIT"
