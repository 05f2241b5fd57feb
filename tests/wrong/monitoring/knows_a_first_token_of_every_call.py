"""Takes the end of a whole answer for its first token."""

CAUGHT_BY = ("test_the_time_to_the_first_token_ends_with_the_first_text",)
FILE = "llm.py"


async def complete(client: httpx.AsyncClient, body: dict[str, Any]) -> Completion:
    """One call with an answer in one piece; raises one of LLM_ERRORS."""
    with measured() as call:
        answer = await client.post("/chat/completions", json=body, headers=outgoing())
        answer.raise_for_status()
        completion = Completion.model_validate_json(answer.content)
        call.answered_by(completion.model)
        call.has_text()
        call.used(completion.usage.prompt_tokens, completion.usage.completion_tokens)
        return completion
