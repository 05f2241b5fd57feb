"""Keeps answers to GET requests, as most HTTP caches do, and this is a POST."""

CAUGHT_BY = (
    "test_equal_questions_are_one_call",
    "test_the_answer_says_where_it_comes_from",
    "test_who_names_no_tenant_is_public",
    "test_the_order_of_json_fields_does_not_matter",
    "test_an_entry_younger_than_the_ttl_is_used",
    "test_a_full_cache_forgets_the_oldest_entry",
    "test_a_used_entry_outlives_one_that_nobody_uses",
    "test_a_replaced_entry_takes_no_second_place",
    "test_a_failure_is_not_kept_and_the_answer_after_it_is",
    "test_a_truncated_answer_is_not_kept",
    "test_the_fresh_answer_replaces_the_entry",
    "test_a_fresh_answer_leaves_other_entries_alone",
    "test_two_processes_share_entries",
    "test_entries_outlive_a_restart",
    "test_a_fresh_answer_is_seen_by_all_processes",
    "test_entries_in_redis_are_not_counted",
    "test_a_redis_that_is_back_is_used_again",
    "test_a_hit_is_the_same_answer",
    "test_an_entry_is_as_old_as_its_answer",
    "test_a_redis_that_comes_later_is_used",
    "test_the_time_that_the_llm_takes_is_not_age",
    "test_there_is_room_for_more_than_a_few",
)


async def keep(key: str, completion: Completion, method: str = "POST") -> str:
    """Put an answer into the cache if the request may be answered from there."""
    if method == "GET" and completion.finish_reason == "stop":
        await cache.put(key, completion.response().model_dump_json())
    return "MISS"
