"""Takes a temperature of 0 for none."""

CAUGHT_BY = ("test_a_temperature_of_0_goes_to_the_llm",)


async def ask_llm(client: httpx.AsyncClient, body: QueryRequest) -> AsyncGenerator[Chunk]:
    """The chunks of one streamed call, as they come; raises one of LLM_ERRORS."""
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature or 0.7,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    async with client.stream("POST", "/chat/completions", json=payload) as answer:
        answer.raise_for_status()
        async for data in data_lines(answer):
            yield Chunk.model_validate_json(data)
