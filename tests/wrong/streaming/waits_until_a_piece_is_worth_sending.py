"""Joins short pieces, to send fewer events."""

CAUGHT_BY = (
    "test_each_token_arrives_before_the_next_exists",
    "test_each_chunk_is_an_event_of_its_own",
)


async def answer_events(chunks):
    model, tokens, finish_reason, held, begun = None, None, None, "", False
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                held += chunk.text or ""
                if len(held) >= 4 or (held and not begun):
                    begun, text, held = True, held, ""
                    yield sse({"text": text})
                model, tokens = chunk.model, chunk.tokens or tokens
                finish_reason = chunk.finish_reason or finish_reason
    except LLM_ERRORS:
        if held:
            yield sse({"text": held})
        raise
    if held:
        yield sse({"text": held})
    if finish_reason is None:
        raise httpx.RemoteProtocolError("The answer has no finish_reason.")
    done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
    yield sse(done, event="done")
