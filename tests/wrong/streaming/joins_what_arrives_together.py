"""Makes one event of everything that one read holds."""

CAUGHT_BY = ("test_each_chunk_is_an_event_of_its_own",)


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
        rest = b""
        async for received in answer.aiter_bytes():
            *lines, rest = (rest + received).split(b"\n")
            joined = ""
            for line in lines:
                if line == b"data: [DONE]":
                    if joined:
                        yield chunk.model_copy(update={"text": joined})
                    return
                if line.startswith(b"data:"):
                    try:
                        chunk = Chunk.model_validate_json(line.removeprefix(b"data:"))
                    except ValidationError:
                        if joined:
                            yield Chunk(model="m", choices=[]).model_copy(update={"text": joined})
                        raise
                    joined += chunk.text or ""
                    if not chunk.text:
                        yield chunk
            if joined:
                yield chunk.model_copy(update={"text": joined})
