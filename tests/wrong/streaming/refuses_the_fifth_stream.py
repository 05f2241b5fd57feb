"""Lets four streams run at a time and sends the fifth client away, which nobody has asked for."""

from fastapi import HTTPException

CAUGHT_BY = ("test_streams_side_by_side_keep_their_texts_apart",)


PLACES = asyncio.Semaphore(4)


async def ask_llm(client, body):
    if PLACES.locked():
        raise HTTPException(503, "There are too many streams. Please try again later.")
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    async with PLACES, client.stream("POST", "/chat/completions", json=payload) as answer:
        answer.raise_for_status()
        async for data in data_lines(answer):
            yield Chunk.model_validate_json(data)
