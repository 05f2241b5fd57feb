"""A frame is missing, and the client is not told."""

from contextlib import suppress

from pydantic import ValidationError

CAUGHT_BY = ("test_a_frame_that_cannot_be_read_is_an_error_event",)


async def ask_llm(client, body):
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    async with client.stream("POST", "/chat/completions", json=payload) as answer:
        answer.raise_for_status()
        async for data in data_lines(answer):
            with suppress(ValidationError):
                yield Chunk.model_validate_json(data)
