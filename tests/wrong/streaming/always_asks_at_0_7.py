"""Takes the default for the only temperature."""

CAUGHT_BY = (
    "test_one_question_is_one_call_with_its_key_prompt_and_settings",
    "test_a_temperature_of_0_goes_to_the_llm",
)


async def ask_llm(client, body):
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": 0.7,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    async with client.stream("POST", "/chat/completions", json=payload) as answer:
        answer.raise_for_status()
        async for data in data_lines(answer):
            yield Chunk.model_validate_json(data)
