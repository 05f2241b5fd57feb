"""Rewrites the characters of the question; they look the same and are not what was asked."""

import unicodedata

CAUGHT_BY = ("test_the_prompt_reaches_the_llm_unchanged",)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    prompt = unicodedata.normalize("NFC", body.query)
    messages = [{"role": "user", "content": prompt}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
