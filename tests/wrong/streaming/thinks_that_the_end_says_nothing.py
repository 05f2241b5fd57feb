"""The chunk with the finish_reason has no text, it thinks."""

CAUGHT_BY = ("test_a_chunk_that_ends_the_answer_may_have_a_text",)


async def answer_events(chunks: AsyncGenerator[Chunk]) -> AsyncGenerator[bytes]:
    """An event for each text, then `done`; an answer without an end is an error."""
    model, tokens, finish_reason = None, None, None
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.text and not chunk.finish_reason:
                yield sse({"text": chunk.text})
            model, tokens = chunk.model, chunk.tokens or tokens
            finish_reason = chunk.finish_reason or finish_reason
    if finish_reason is None:
        raise httpx.RemoteProtocolError("The answer has no finish_reason.")
    done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
    yield sse(done, event="done")
