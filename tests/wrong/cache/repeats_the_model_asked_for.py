"""Answers from the cache with the model that was asked for."""

CAUGHT_BY = ("test_a_hit_is_the_same_answer",)


async def find_or_ask(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The answer from the cache, or else from the LLM and then into the cache."""
    known, source = await look_up(key)
    if known is not None:
        return known.model_copy(update={"model": body.model}), source
    completion = await ask_llm(client, body)
    if source == "MISS":
        source = await keep(key, completion)
    return completion.response(), source
