"""Keeps the text without its line ends and double spaces."""

CAUGHT_BY = ("test_a_hit_is_the_same_answer", "test_two_processes_share_entries")


async def keep(key: str, completion: Completion) -> str:
    """Put an answer into the cache if it is a good one."""
    if completion.finish_reason == "stop":
        kept = completion.response()
        kept.response = " ".join(kept.response.split())
        try:
            await cache.put(key, kept.model_dump_json())
        except RedisError:
            return "BYPASS"
    return "MISS"
