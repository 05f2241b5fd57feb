"""An LLM that answers 200 has not said anything yet."""

CAUGHT_BY = (
    "test_an_answer_that_cannot_be_read_is_502",
    "test_a_refusal_is_in_your_own_words",
)


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
        yield Chunk(model=body.model, choices=[])
        async for data in data_lines(answer):
            yield Chunk.model_validate_json(data)


async def answer_events(chunks):
    model, tokens, finish_reason = None, None, None
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.text or model is None:
                yield sse({"text": chunk.text or ""})
            model, tokens = chunk.model, chunk.tokens or tokens
            finish_reason = chunk.finish_reason or finish_reason
    if finish_reason is None:
        raise httpx.RemoteProtocolError("The answer has no finish_reason.")
    done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
    yield sse(done, event="done")
