"""Gives the place back after each way to fail that came to mind; a time limit did not."""

CAUGHT_BY = ("test_a_call_that_failed_gives_its_place_back",)


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    await places.acquire()
    try:
        completion = await ask_llm(client, prompt)
    except httpx.TimeoutException as error:
        return BatchItem(query=prompt, error=explain(error).detail)
    except LLM_ERRORS as error:
        places.release()
        return BatchItem(query=prompt, error=explain(error).detail)
    except asyncio.CancelledError:
        places.release()
        raise
    places.release()
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)
