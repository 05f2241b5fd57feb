"""Says `done` for each sentence that is complete, and once more at the end of the answer."""

CAUGHT_BY = ("test_a_finished_answer_ends_with_one_done_event",)


async def answer_events(chunks):
    model, tokens, finish_reason = None, None, None
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.text:
                yield sse({"text": chunk.text})
                if chunk.text.rstrip().endswith((".", "!", "?")):
                    yield sse({"model": chunk.model}, event="done")
            model, tokens = chunk.model, chunk.tokens or tokens
            finish_reason = chunk.finish_reason or finish_reason
    if finish_reason is None:
        raise httpx.RemoteProtocolError("The answer has no finish_reason.")
    done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
    yield sse(done, event="done")
