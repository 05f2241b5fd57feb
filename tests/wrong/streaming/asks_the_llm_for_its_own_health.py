"""A health check that calls the LLM costs something and can fail."""

CAUGHT_BY = ("test_health_answers_before_the_first_token",)


@app.get("/health")
async def health(request: Request) -> dict[str, str]:
    client: httpx.AsyncClient = request.state.client
    await client.get("/models")
    return {"status": "ok"}
