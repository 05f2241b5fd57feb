"""Logs 1 / temperature once the answer is there: at 0 that is an error, and the answer is lost."""

import logging

CAUGHT_BY = ("test_the_ends_of_the_temperature_scale_are_accepted",)

log = logging.getLogger("llm-api")


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    log.info("%d tokens, sharpness %.2f", completion.tokens, 1 / body.temperature)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
