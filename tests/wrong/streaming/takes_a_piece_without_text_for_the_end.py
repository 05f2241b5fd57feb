"""Takes the first empty piece after the text for the end of a finished answer."""

CAUGHT_BY = ("test_an_empty_chunk_is_not_the_end",)


async def answer_events(chunks: AsyncGenerator[Chunk]) -> AsyncGenerator[bytes]:
    """An event for each text, then `done`; an answer without an end is an error."""
    model, tokens, finish_reason, begun = None, None, None, False
    async with aclosing(chunks):
        async for chunk in chunks:
            model, tokens = chunk.model, chunk.tokens or tokens
            if chunk.text:
                begun = True
                yield sse({"text": chunk.text})
            elif begun and chunk.choices and chunk.text is None:
                finish_reason = chunk.finish_reason or "stop"
            finish_reason = chunk.finish_reason or finish_reason
    if finish_reason is None:
        raise httpx.RemoteProtocolError("The answer has no finish_reason.")
    done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
    yield sse(done, event="done")
