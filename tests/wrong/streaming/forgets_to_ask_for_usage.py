"""A streaming LLM tells what it used only when it is asked."""

CAUGHT_BY = (
    "test_done_names_the_model_that_answered_and_the_tokens_it_used",
    "test_the_llm_is_asked_for_a_stream_with_usage",
)


async def ask_llm(client, body):
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
    }
    async with client.stream("POST", "/chat/completions", json=payload) as answer:
        answer.raise_for_status()
        async for data in data_lines(answer):
            yield Chunk.model_validate_json(data)
