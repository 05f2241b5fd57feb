"""Ends the calls that have begun when the client leaves; their places go to those that have not."""

from typing import Any

CAUGHT_BY = ("test_no_call_starts_for_a_client_that_left",)


async def answer_item(
    client: httpx.AsyncClient, prompt: str, under_way: set[asyncio.Task[Any]]
) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    async with places:
        call = asyncio.create_task(ask_llm(client, prompt))
        under_way.add(call)
        try:
            completion = await call
        except LLM_ERRORS as error:
            return BatchItem(query=prompt, error=explain(error).detail)
        except asyncio.CancelledError:
            return BatchItem(query=prompt, error="The client has left.")
        finally:
            under_way.discard(call)
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer a batch; drop the work when nobody is left to read it."""
    client = request.state.client
    under_way: set[asyncio.Task[Any]] = set()
    answers = asyncio.gather(*(answer_item(client, prompt, under_way) for prompt in prompts))
    leaving = asyncio.create_task(client_left(request))
    await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
    leaving.cancel()
    for call in under_way:
        call.cancel()
    return await answers
