"""Lets the caller say which model a call was answered by."""

CAUGHT_BY = (
    "test_an_answered_call_is_counted_with_its_model_and_tokens",
    "test_each_way_to_fail_has_its_outcome",
    "test_a_silent_llm_is_a_timeout",
    "test_callers_cannot_make_series",
    "test_an_answered_request_has_one_line_that_says_what_it_was",
    "test_ids_never_cross",
    "test_a_client_that_leaves_before_the_first_text_leaves_nothing",
)
FILE = "llm.py"


async def complete(client: httpx.AsyncClient, body: dict[str, Any]) -> Completion:
    """One call with an answer in one piece; raises one of LLM_ERRORS."""
    with measured() as call:
        call.answered_by(body["model"])
        answer = await client.post("/chat/completions", json=body, headers=outgoing())
        answer.raise_for_status()
        completion = Completion.model_validate_json(answer.content)
        call.used(completion.usage.prompt_tokens, completion.usage.completion_tokens)
        return completion
