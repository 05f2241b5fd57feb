"""Answers afresh and leaves the old answer to everybody else."""

CAUGHT_BY = (
    "test_the_fresh_answer_replaces_the_entry",
    "test_a_fresh_answer_is_seen_by_all_processes",
    "test_an_entry_is_as_old_as_its_answer",
)


async def ask_afresh(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The LLM's answer of now."""
    completion = await ask_llm(client, body)
    return completion.response(), "BYPASS"
