"""Asks once to see whether the LLM is there, and once for the answer."""

FILE = "llm.py"
CAUGHT_BY = ("test_each_question_is_one_chat_completion",)


async def ask_llm(client: httpx.AsyncClient, prompt: str) -> Completion:
    """Make one call without blocking; raises one of LLM_ERRORS."""
    question = {
        "model": LLM_MODEL,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": 0.7,
        "stream": False,
    }
    await client.post("/chat/completions", json=question)
    answer = await client.post("/chat/completions", json=question)
    answer.raise_for_status()
    return Completion.model_validate_json(answer.content)
