"""Logs a question that took too long, so that somebody can try it."""

import logging

CAUGHT_BY = ("test_a_wait_in_vain_has_a_line_without_the_prompt",)
FILE = "llm.py"


async def complete(client: httpx.AsyncClient, body: dict[str, Any]) -> Completion:
    """One call with an answer in one piece; raises one of LLM_ERRORS."""
    with measured() as call:
        try:
            answer = await client.post("/chat/completions", json=body, headers=outgoing())
        except httpx.TimeoutException:
            logging.getLogger("llm").warning("Too slow for %s", body["messages"])
            raise
        answer.raise_for_status()
        completion = Completion.model_validate_json(answer.content)
        call.answered_by(completion.model)
        call.used(completion.usage.prompt_tokens, completion.usage.completion_tokens)
        return completion
