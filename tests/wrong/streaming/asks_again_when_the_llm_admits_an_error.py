"""Asks again in the middle of an answer when the LLM says that the error is its own."""

CAUGHT_BY = ("test_an_error_in_the_middle_of_the_stream_is_an_error_event",)


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
            if data.startswith(b'{"error"') and b"The server had an error" in data:
                break
            yield Chunk.model_validate_json(data)
        else:
            return
    async for chunk in ask_llm(client, body):
        yield chunk
