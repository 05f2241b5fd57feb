"""Takes every end of the stream for a good one."""

CAUGHT_BY = (
    "test_an_answer_that_just_stops_is_never_done",
    "test_an_answer_that_stops_in_good_order_is_an_error_event",
    "test_an_answer_that_cannot_be_read_is_502",
    "test_a_refusal_is_in_your_own_words",
    "test_an_empty_chunk_is_not_the_end",
)


async def answer_events(chunks):
    model, tokens, finish_reason = None, None, None
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.text:
                yield sse({"text": chunk.text})
            model, tokens = chunk.model, chunk.tokens or tokens
            finish_reason = chunk.finish_reason or finish_reason
    done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
    yield sse(done, event="done")
