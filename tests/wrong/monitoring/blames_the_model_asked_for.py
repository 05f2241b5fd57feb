"""Names the model that was asked for when none has answered."""

CAUGHT_BY = (
    "test_each_way_to_fail_has_its_outcome",
    "test_a_silent_llm_is_a_timeout",
    "test_callers_cannot_make_series",
    "test_a_client_that_leaves_before_the_first_text_leaves_nothing",
)
FILE = "llm.py"


async def complete(client: httpx.AsyncClient, body: dict[str, Any]) -> Completion:
    """One call with an answer in one piece; raises one of LLM_ERRORS."""
    with measured() as call:
        call.model = body["model"]
        answer = await client.post("/chat/completions", json=body, headers=outgoing())
        answer.raise_for_status()
        completion = Completion.model_validate_json(answer.content)
        call.answered_by(completion.model)
        call.used(completion.usage.prompt_tokens, completion.usage.completion_tokens)
        return completion


async def stream(client: httpx.AsyncClient, body: dict[str, Any]) -> AsyncGenerator[Chunk]:
    """The chunks of one streamed call, as they come; raises one of LLM_ERRORS."""
    finished = False
    with measured() as call:
        call.model = body["model"]
        request = client.stream("POST", "/chat/completions", json=body, headers=outgoing())
        async with request as answer:
            answer.raise_for_status()
            async for data in data_lines(answer):
                chunk = Chunk.model_validate_json(data)
                call.answered_by(chunk.model)
                if chunk.text:
                    call.has_text()
                if chunk.usage:
                    call.used(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
                finished = finished or chunk.finish_reason is not None
                yield chunk
            if not finished:
                raise httpx.RemoteProtocolError("The answer has no finish_reason.")
