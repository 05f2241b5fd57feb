"""A piece is not a token, and the prompt costs something, too."""

CAUGHT_BY = ("test_done_names_the_model_that_answered_and_the_tokens_it_used",)


async def answer_events(chunks):
    model, tokens, finish_reason = None, 0, None
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.text:
                yield sse({"text": chunk.text})
            model, tokens = chunk.model, tokens + bool(chunk.text)
            finish_reason = chunk.finish_reason or finish_reason
    if finish_reason is None:
        raise httpx.RemoteProtocolError("The answer has no finish_reason.")
    done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
    yield sse(done, event="done")
