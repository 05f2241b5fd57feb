"""Puts an order of its own after the question, so the last message is not the user's."""

FILE = "llm.py"
CAUGHT_BY = ("test_each_question_is_one_chat_completion",)


async def ask_llm(client: httpx.AsyncClient, prompt: str) -> Completion:
    """Make one call without blocking; raises one of LLM_ERRORS."""
    answer = await client.post(
        "/chat/completions",
        json={
            "model": LLM_MODEL,
            "messages": [
                {"role": "user", "content": prompt},
                {"role": "system", "content": "Be brief."},
            ],
            "temperature": 0.7,
            "stream": False,
        },
    )
    answer.raise_for_status()
    return Completion.model_validate_json(answer.content)
