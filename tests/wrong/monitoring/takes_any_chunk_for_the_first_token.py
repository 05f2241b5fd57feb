"""Stops at the first chunk, which often says nothing."""

CAUGHT_BY = ("test_the_time_to_the_first_token_ends_with_the_first_text",)
FILE = "llm.py"


async def stream(client: httpx.AsyncClient, body: dict[str, Any]) -> AsyncGenerator[Chunk]:
    """The chunks of one streamed call, as they come; raises one of LLM_ERRORS."""
    finished = False
    with measured() as call:
        request = client.stream("POST", "/chat/completions", json=body, headers=outgoing())
        async with request as answer:
            answer.raise_for_status()
            async for data in data_lines(answer):
                chunk = Chunk.model_validate_json(data)
                call.answered_by(chunk.model)
                call.has_text()
                if chunk.usage:
                    call.used(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
                finished = finished or chunk.finish_reason is not None
                yield chunk
            if not finished:
                raise httpx.RemoteProtocolError("The answer has no finish_reason.")
