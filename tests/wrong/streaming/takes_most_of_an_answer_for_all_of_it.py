"""Says `done` when the connection breaks late: most of the answer is there, it thinks."""

CAUGHT_BY = ("test_an_answer_that_just_stops_is_never_done",)


async def answer_events(chunks):
    model, tokens, finish_reason, pieces = None, None, None, 0
    async with aclosing(chunks):
        try:
            async for chunk in chunks:
                if chunk.text:
                    pieces += 1
                    yield sse({"text": chunk.text})
                model, tokens = chunk.model, chunk.tokens or tokens
                finish_reason = chunk.finish_reason or finish_reason
        except httpx.RemoteProtocolError:
            if pieces < 3:
                raise
            finish_reason = "length"
    if finish_reason is None:
        raise httpx.RemoteProtocolError("The answer has no finish_reason.")
    done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
    yield sse(done, event="done")
