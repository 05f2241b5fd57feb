"""Takes a piece of nothing but blanks for an empty one."""

CAUGHT_BY = (
    "test_line_ends_in_the_text_survive",
    "test_quotes_blanks_and_backslashes_survive",
    "test_characters_that_only_some_programs_take_for_line_ends_survive",
)


async def answer_events(chunks):
    model, tokens, finish_reason = None, None, None
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.text and chunk.text.strip():
                yield sse({"text": chunk.text})
            model, tokens = chunk.model, chunk.tokens or tokens
            finish_reason = chunk.finish_reason or finish_reason
    if finish_reason is None:
        raise httpx.RemoteProtocolError("The answer has no finish_reason.")
    done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
    yield sse(done, event="done")
