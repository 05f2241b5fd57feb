"""The finish_reason and the usage come in two chunks, and this says done for both."""

CAUGHT_BY = (
    "test_a_finished_answer_ends_with_one_done_event",
    "test_text_that_looks_like_an_event_stays_text",
)


async def answer_events(chunks):
    model, tokens, finish_reason = None, None, None
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.text:
                yield sse({"text": chunk.text})
            model, tokens = chunk.model, chunk.tokens or tokens
            finish_reason = chunk.finish_reason or finish_reason
            if finish_reason:
                done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
                yield sse(done, event="done")
    if finish_reason is None:
        raise httpx.RemoteProtocolError("The answer has no finish_reason.")
