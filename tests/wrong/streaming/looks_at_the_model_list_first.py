"""Makes a second request for every question."""

CAUGHT_BY = (
    "test_one_question_is_one_call_with_its_key_prompt_and_settings",
    "test_health_answers_before_the_first_token",
)


async def ask_llm(client, body):
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    await client.get("/models")
    async with client.stream("POST", "/chat/completions", json=payload) as answer:
        answer.raise_for_status()
        async for data in data_lines(answer):
            yield Chunk.model_validate_json(data)
