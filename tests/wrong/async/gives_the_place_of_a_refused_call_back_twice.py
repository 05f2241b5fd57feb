"""Gives the place back when it sees a bad status, and again at the end of `with`."""

CAUGHT_BY = ("test_a_call_that_failed_gives_back_one_place",)


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    async with places:
        try:
            completion = await ask_llm(client, prompt)
        except httpx.HTTPStatusError as error:
            places.release()
            return BatchItem(query=prompt, error=explain(error).detail)
        except LLM_ERRORS as error:
            return BatchItem(query=prompt, error=explain(error).detail)
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)
