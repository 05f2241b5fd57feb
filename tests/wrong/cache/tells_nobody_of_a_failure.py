"""Wakes those who wait only when there is an answer."""

CAUGHT_BY = (
    "test_a_failure_is_told_to_all_who_wait",
    "test_the_next_question_after_a_failure_tries_again",
    "test_a_failure_is_not_kept_and_the_answer_after_it_is",
    "test_a_silent_llm_is_told_to_all_who_wait",
)


waiting: dict[str, asyncio.Future[Answer]] = {}


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The first asks, the others wait for the future that it leaves."""
    if key in waiting:
        return await asyncio.shield(waiting[key])
    waiting[key] = asyncio.get_running_loop().create_future()
    answer = await find_or_ask(client, body, key)
    waiting.pop(key).set_result(answer)
    return answer
