"""Makes an event of each word, whatever the LLM made of it."""

CAUGHT_BY = (
    "test_each_chunk_is_an_event_of_its_own",
    "test_each_token_arrives_before_the_next_exists",
    "test_a_client_may_leave_while_tokens_come",
)


async def answer_events(chunks):
    model, tokens, finish_reason = None, None, None
    async with aclosing(chunks):
        async for chunk in chunks:
            head, blank, tail = (chunk.text or "").rpartition(" ")
            for text in (head, blank + tail) if head else (blank + tail,):
                if text:
                    yield sse({"text": text})
            model, tokens = chunk.model, chunk.tokens or tokens
            finish_reason = chunk.finish_reason or finish_reason
    if finish_reason is None:
        raise httpx.RemoteProtocolError("The answer has no finish_reason.")
    done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
    yield sse(done, event="done")
