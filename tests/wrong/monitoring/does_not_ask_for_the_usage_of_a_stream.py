"""Waits for a usage that an LLM sends only when it is asked to."""

CAUGHT_BY = (
    "test_an_answered_call_is_counted_with_its_model_and_tokens",
    "test_an_answered_request_has_one_line_that_says_what_it_was",
    "test_a_stream_has_its_line_when_it_has_ended",
    "test_ids_never_cross",
)
FILE = "llm.py"


def payload(prompt: str, model: str, temperature: float, *, stream: bool) -> dict[str, Any]:
    """The body of a call."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": temperature,
        "stream": stream,
    }
    return body
