"""Keeps the time of the last question that began, whoever's ends."""

CAUGHT_BY = ("test_the_row_says_how_long_the_llm_took",)


@app.post("/query")
async def query(request: Request, body: QueryRequest, user: User) -> QueryResponse:
    """Answer one question, and leave a row that says who asked and what it cost."""
    row: Row = {
        "id": uuid.uuid4().hex,
        "request_id": request.state.request_id,
        "user_id": user,
        "model": body.model,
        "tokens": 0,
        "status": "error",
    }
    request.app.state.started = time.perf_counter()
    try:
        answer = await ask_llm(request.state.client, body, user)
        row |= {"model": answer.model, "tokens": answer.tokens_used, "status": "ok"}
        return answer
    finally:
        row["duration_ms"] = round((time.perf_counter() - request.app.state.started) * 1000)
        row["created_at"] = datetime.now(UTC)
        await record(request.state.log, row)
