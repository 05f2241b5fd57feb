"""Writes UTC for what went well, and the office's time for what did not."""

CAUGHT_BY = ("test_a_failed_call_leaves_a_row",)


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
    started = time.perf_counter()
    try:
        answer = await ask_llm(request.state.client, body, user)
        row |= {"model": answer.model, "tokens": answer.tokens_used, "status": "ok"}
        return answer
    finally:
        row["duration_ms"] = round((time.perf_counter() - started) * 1000)
        row["created_at"] = datetime.now(UTC if row["status"] == "ok" else None)
        await record(request.state.log, row)
