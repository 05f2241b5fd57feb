"""Asks the LLM with every run of white space made one space; code and poems suffer."""

FILE = "llm.py"
CAUGHT_BY = ("test_each_item_has_its_question_its_answer_and_its_tokens",)


async def ask_llm(client: httpx.AsyncClient, prompt: str) -> Completion:
    """Make one call without blocking; raises one of LLM_ERRORS."""
    answer = await client.post(
        "/chat/completions",
        json={
            "model": LLM_MODEL,
            "messages": [{"role": "user", "content": " ".join(prompt.split())}],
            "temperature": 0.7,
            "stream": False,
        },
    )
    answer.raise_for_status()
    return Completion.model_validate_json(answer.content)
