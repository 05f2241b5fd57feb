"""Asks the model of its own settings, whichever the caller has named."""

from llm import LLM_MODEL

CAUGHT_BY = ("test_one_question_is_one_call_with_its_key_prompt_and_settings",)


async def ask_llm(client, body):
    payload = {
        "model": LLM_MODEL,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    async with client.stream("POST", "/chat/completions", json=payload) as answer:
        answer.raise_for_status()
        async for data in data_lines(answer):
            yield Chunk.model_validate_json(data)
