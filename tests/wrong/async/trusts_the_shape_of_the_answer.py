"""Is ready for an answer that is no JSON, and trips over JSON of another shape."""

from llm import LLM_MODEL

CAUGHT_BY = ("test_every_way_to_fail_is_the_outcome_of_one_item",)


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    question = {
        "model": LLM_MODEL,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": 0.7,
    }
    try:
        async with places:
            answer = await client.post("/chat/completions", json=question)
        answer.raise_for_status()
        completion = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        return BatchItem(query=prompt, error=explain(error).detail)
    text = completion["choices"][0]["message"]["content"]
    tokens = completion["usage"]["total_tokens"]
    return BatchItem(query=prompt, response=text, tokens_used=tokens)
