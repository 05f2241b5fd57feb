"""Asks again when the line breaks, and sends the rest of a second answer that begins alike."""

CAUGHT_BY = ("test_a_broken_answer_is_not_asked_for_again",)


async def ask_once(client, body):
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
            yield Chunk.model_validate_json(data)


async def ask_llm(client, body):
    told = ""
    try:
        async with aclosing(ask_once(client, body)) as chunks:
            async for chunk in chunks:
                told += chunk.text or ""
                yield chunk
    except httpx.RemoteProtocolError:
        if not told:
            raise
        again = [chunk async for chunk in ask_once(client, body)]
        text = "".join(chunk.text or "" for chunk in again)
        if not text.startswith(told):
            raise
        yield again[0].model_copy(update={"text": text.removeprefix(told)})
        for chunk in again[1:]:
            yield chunk.model_copy(update={"text": None})
