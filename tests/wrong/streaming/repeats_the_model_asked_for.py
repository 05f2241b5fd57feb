"""The model asked for is not always the one that answers."""

CAUGHT_BY = ("test_done_names_the_model_that_answered_and_the_tokens_it_used",)


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
            chunk = Chunk.model_validate_json(data)
            yield chunk.model_copy(update={"model": body.model})
