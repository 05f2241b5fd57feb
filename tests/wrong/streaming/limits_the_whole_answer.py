"""A long answer is cut off although tokens keep coming."""

from llm import LLM_TIMEOUT_SECONDS

CAUGHT_BY = (
    "test_a_steady_stream_may_last_longer_than_the_timeout",
    "test_many_short_silences_are_no_long_one",
)


async def ask_llm(client, body):
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    end = asyncio.get_running_loop().time() + LLM_TIMEOUT_SECONDS
    async with client.stream("POST", "/chat/completions", json=payload) as answer:
        answer.raise_for_status()
        async for data in data_lines(answer):
            if asyncio.get_running_loop().time() > end:
                raise httpx.ReadTimeout("The answer took too long.")
            yield Chunk.model_validate_json(data)
