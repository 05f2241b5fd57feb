"""Guesses the tokens of a question that nobody has answered."""

CAUGHT_BY = (
    "test_the_others_keep_their_answers_when_one_call_fails",
    "test_every_way_to_fail_is_the_outcome_of_one_item",
    "test_an_llm_that_says_nothing_fails_one_item",
    "test_a_batch_that_failed_as_a_whole_is_still_200",
)


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    try:
        async with places:
            completion = await ask_llm(client, prompt)
    except LLM_ERRORS as error:
        guess = len(prompt.split())
        return BatchItem(query=prompt, error=explain(error).detail, tokens_used=guess)
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)
