"""Answers the good questions and says of the blank one that it is blank."""

CAUGHT_BY = ("test_a_blank_item_refuses_the_whole_batch",)

Batch = Annotated[
    list[Annotated[str, Field(max_length=8000)]], Field(min_length=1, max_length=MAX_BATCH)
]


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    if not prompt.strip():
        return BatchItem(query=prompt, error="This question is blank.")
    try:
        async with places:
            completion = await ask_llm(client, prompt)
    except LLM_ERRORS as error:
        return BatchItem(query=prompt, error=explain(error).detail)
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)
