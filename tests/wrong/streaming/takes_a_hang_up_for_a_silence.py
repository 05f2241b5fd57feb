"""Says of an LLM that closed the connection that it took too long."""

CAUGHT_BY = ("test_an_answer_that_cannot_be_read_is_502",)


async def ask_llm(client, body):
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    try:
        async with client.stream("POST", "/chat/completions", json=payload) as answer:
            answer.raise_for_status()
            async for data in data_lines(answer):
                yield Chunk.model_validate_json(data)
    except httpx.RemoteProtocolError as error:
        raise httpx.ReadTimeout("The LLM did not answer.") from error
