"""Has the question in the line, because that is what one wants to read."""

import logging

CAUGHT_BY = ("test_nothing_that_was_said_is_in_the_logs",)
FILE = "llm.py"


def payload(prompt: str, model: str, temperature: float, *, stream: bool) -> dict[str, Any]:
    """The body of a call."""
    logging.getLogger("llm").info("asking %s: %s", model, prompt)
    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": temperature,
        "stream": stream,
    }
    return body | {"stream_options": {"include_usage": True}} if stream else body
