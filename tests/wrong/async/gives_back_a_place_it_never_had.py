"""Takes its place inside `try`: who leaves while waiting gives back a place all the same."""

CAUGHT_BY = ("test_a_client_that_left_leaves_as_many_places_as_there_were",)


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    try:
        await places.acquire()
        completion = await ask_llm(client, prompt)
    except LLM_ERRORS as error:
        return BatchItem(query=prompt, error=explain(error).detail)
    finally:
        places.release()
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)
