"""Makes one event of everything that one read holds."""

from pydantic import ValidationError

CAUGHT_BY = ("test_each_chunk_is_an_event_of_its_own",)


async def ask_llm(client, body):
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    joined = Chunk(model=body.model, choices=[])
    async with client.stream("POST", "/chat/completions", json=payload) as answer:
        answer.raise_for_status()
        rest = b""
        async for received in answer.aiter_bytes():
            *lines, rest = (rest + received).split(b"\n")
            text, problem = "", None
            for line in lines:
                try:
                    if line.startswith(b"data: {"):
                        joined = Chunk.model_validate_json(line.removeprefix(b"data:"))
                        text += joined.text or ""
                        yield joined.model_copy(update={"text": None})
                except ValidationError as error:
                    problem = error
                    break
            if text:
                yield joined.model_copy(update={"text": text})
            if problem:
                raise problem
