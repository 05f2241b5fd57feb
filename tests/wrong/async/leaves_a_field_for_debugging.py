"""Has a sentence for the caller, and beside it the exception and what the LLM said."""

CAUGHT_BY = ("test_an_answer_says_nothing_of_key_url_or_upstream",)


class BatchItem(BaseModel):
    """The outcome of one prompt: an answer, or a sentence that says why there is none."""

    query: str
    response: str | None = None
    error: str | None = None
    tokens_used: int = 0
    debug: str | None = None


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    try:
        async with places:
            completion = await ask_llm(client, prompt)
    except LLM_ERRORS as error:
        debug = error.response.text if isinstance(error, httpx.HTTPStatusError) else None
        return BatchItem(query=prompt, error=explain(error).detail, debug=debug)
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)
