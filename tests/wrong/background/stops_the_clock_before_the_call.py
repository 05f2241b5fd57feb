"""Measures how long it takes to make a coroutine, which is not to run it."""

CAUGHT_BY = (
    "test_the_row_says_how_long_the_llm_took",
    "test_a_silent_llm_leaves_a_row",
    "test_a_failed_call_leaves_a_row",
)


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
    answering = ask_llm(request.state.client, body, user)
    row["duration_ms"] = round((time.perf_counter() - started) * 1000)
    try:
        answer = await answering
        row |= {"model": answer.model, "tokens": answer.tokens_used, "status": "ok"}
        return answer
    finally:
        row["created_at"] = datetime.now(UTC)
        await record(request.state.log, row)
