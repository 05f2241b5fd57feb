"""Asks for a stream, waits for its end and joins the pieces; nobody sees a word any earlier."""

import json

CAUGHT_BY = ("test_a_whole_answer_is_asked_for_not_a_stream",)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    payload |= {"stream": True, "stream_options": {"include_usage": True}}
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    lines = [line for line in answer.text.splitlines() if line.startswith("data: {")]
    whole: dict[str, Any] = {}
    text = ""
    for event in (json.loads(line.removeprefix("data: ")) for line in lines):
        text += "".join(choice["delta"].get("content", "") for choice in event["choices"])
        whole = event | {"choices": [{"message": {"content": text}}]}
    completion = Completion.model_validate(whole)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
