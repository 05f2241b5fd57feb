"""Takes an LLM that calls itself overloaded for one that asks us to come back later."""

from fastapi import HTTPException

CAUGHT_BY = ("test_an_llm_that_refuses_or_fails_is_502",)


async def ask_llm(client, body):
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    async with client.stream("POST", "/chat/completions", json=payload) as answer:
        if answer.is_error and "overloaded" in json.loads(await answer.aread())["error"]["message"]:
            raise HTTPException(503, "The language model is busy. Please try again later.")
        answer.raise_for_status()
        async for data in data_lines(answer):
            yield Chunk.model_validate_json(data)
