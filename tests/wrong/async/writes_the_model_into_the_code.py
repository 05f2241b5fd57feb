"""Asks gpt-4, whatever LLM_MODEL says."""

FILE = "llm.py"
CAUGHT_BY = ("test_llm_model_is_the_model_that_is_asked",)


async def ask_llm(client: httpx.AsyncClient, prompt: str) -> Completion:
    """Make one call without blocking; raises one of LLM_ERRORS."""
    answer = await client.post(
        "/chat/completions",
        json={
            "model": "gpt-4",
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0.7,
            "stream": False,
        },
    )
    answer.raise_for_status()
    return Completion.model_validate_json(answer.content)
