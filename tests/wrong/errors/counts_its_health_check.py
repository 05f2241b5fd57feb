"""Refuses the health check as well when it is full."""

CAUGHT_BY = ("test_one_too_many_is_refused_at_once",)


@app.get("/health")
async def health(request: Request) -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    with request.state.places.take():
        return {"status": "ok"}
