"""Says nothing more when the LLM has ended without a finish_reason: no `done`, and no error."""

CAUGHT_BY = ("test_an_answer_that_stops_in_good_order_is_an_error_event",)


async def answer_events(chunks):
    model, tokens, finish_reason = None, None, None
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.text:
                yield sse({"text": chunk.text})
            model, tokens = chunk.model, chunk.tokens or tokens
            finish_reason = chunk.finish_reason or finish_reason
    if model is None:
        raise httpx.RemoteProtocolError("There was no answer.")
    if finish_reason is not None:
        done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
        yield sse(done, event="done")
