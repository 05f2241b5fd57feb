"""Takes the end of the connection for the end of the answer."""

CAUGHT_BY = (
    "test_a_finished_answer_ends_with_one_done_event",
    "test_done_names_the_model_that_answered_and_the_tokens_it_used",
    "test_an_answer_that_reached_its_length_is_done_too",
    "test_an_empty_chunk_is_not_the_end",
)


async def answer_events(chunks):
    finish_reason = None
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.text:
                yield sse({"text": chunk.text})
            finish_reason = chunk.finish_reason or finish_reason
    if finish_reason is None:
        raise httpx.RemoteProtocolError("The answer has no finish_reason.")
