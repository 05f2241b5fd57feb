"""Sorts the times to the first token by the model asked for, and callers choose that."""

from metrics import LLM_FIRST_TOKEN

CAUGHT_BY = ("test_callers_cannot_make_series",)
FILE = "llm.py"


async def stream(client: httpx.AsyncClient, body: dict[str, Any]) -> AsyncGenerator[Chunk]:
    """The chunks of one streamed call, as they come; raises one of LLM_ERRORS."""
    finished = has_text = False
    with measured() as call:
        request = client.stream("POST", "/chat/completions", json=body, headers=outgoing())
        async with request as answer:
            answer.raise_for_status()
            async for data in data_lines(answer):
                chunk = Chunk.model_validate_json(data)
                call.answered_by(chunk.model)
                if chunk.text and not has_text:
                    has_text = True
                    LLM_FIRST_TOKEN.labels(body["model"]).observe(call.seconds)
                if chunk.usage:
                    call.used(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
                finished = finished or chunk.finish_reason is not None
                yield chunk
            if not finished:
                raise httpx.RemoteProtocolError("The answer has no finish_reason.")
