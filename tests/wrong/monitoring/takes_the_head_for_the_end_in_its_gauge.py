"""Takes a stream out of the gauge when its head has come."""

from contextlib import asynccontextmanager

from metrics import LLM_IN_FLIGHT

CAUGHT_BY = ("test_a_call_is_in_the_gauge_to_the_end_of_its_stream",)
FILE = "llm.py"


async def stream(client: httpx.AsyncClient, body: dict[str, Any]) -> AsyncGenerator[Chunk]:
    """The chunks of one streamed call, as they come; raises one of LLM_ERRORS."""
    finished = False
    with measured() as call:
        request = client.stream("POST", "/chat/completions", json=body, headers=outgoing())
        async with request as answer, out_of_the_gauge():
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


@asynccontextmanager
async def out_of_the_gauge() -> AsyncGenerator[None]:
    """The call has its head now."""
    LLM_IN_FLIGHT.dec()
    try:
        yield
    finally:
        LLM_IN_FLIGHT.inc()  # which `measured` takes back
