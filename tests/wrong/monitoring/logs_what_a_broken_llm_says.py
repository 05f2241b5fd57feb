"""Logs the text of each failure of the LLM itself, whatever it quotes."""

import logging

CAUGHT_BY = ("test_nothing_that_was_said_is_in_the_logs",)
FILE = "llm.py"


async def complete(client: httpx.AsyncClient, body: dict[str, Any]) -> Completion:
    """One call with an answer in one piece; raises one of LLM_ERRORS."""
    with measured() as call:
        answer = await client.post("/chat/completions", json=body, headers=outgoing())
        if answer.status_code >= 500:
            logging.getLogger("llm").error("The LLM failed: %s", answer.text)
        answer.raise_for_status()
        completion = Completion.model_validate_json(answer.content)
        call.answered_by(completion.model)
        call.used(completion.usage.prompt_tokens, completion.usage.completion_tokens)
        return completion
