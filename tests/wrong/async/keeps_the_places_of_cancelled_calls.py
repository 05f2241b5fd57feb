"""Gives a place back after an answer and after an error; a cancelled call has neither."""

CAUGHT_BY = ("test_no_call_starts_for_a_client_that_left",)


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    await places.acquire()
    try:
        completion = await ask_llm(client, prompt)
    except LLM_ERRORS as error:
        places.release()
        return BatchItem(query=prompt, error=explain(error).detail)
    places.release()
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)
