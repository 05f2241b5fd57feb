"""Asks the LLM ahead of time for what has been used twice, though it is not old yet."""

from collections import Counter

CAUGHT_BY = ("test_equal_questions_are_one_call",)


uses: Counter[str] = Counter()


async def find_or_ask(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The answer from the cache, or else from the LLM and then into the cache."""
    known, source = await look_up(key)
    if known is not None:
        uses[key] += 1
        if uses[key] == 2:
            await keep(key, await ask_llm(client, body))
        return known, source
    completion = await ask_llm(client, body)
    if source == "MISS":
        source = await keep(key, completion)
    return completion.response(), source
