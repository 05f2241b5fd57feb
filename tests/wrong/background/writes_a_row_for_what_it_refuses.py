"""Begins its row before it knows whether the question is one."""

CAUGHT_BY = ("test_what_is_refused_leaves_no_row",)


@app.post("/query")
async def query(request: Request, user: User) -> QueryResponse:
    """Answer one question, and leave a row that says who asked and what it cost."""
    row: Row = {
        "id": uuid.uuid4().hex,
        "request_id": request.state.request_id,
        "user_id": user,
        "model": "gpt-4",
        "tokens": 0,
        "status": "error",
    }
    sent = await request.json()
    started = time.perf_counter()
    try:
        row["model"] = sent.get("model", "gpt-4")
        try:
            body = QueryRequest.model_validate(sent)
        except ValueError as error:
            raise RequestValidationError(error.errors()) from error
        answer = await ask_llm(request.state.client, body, user)
        row |= {"model": answer.model, "tokens": answer.tokens_used, "status": "ok"}
        return answer
    finally:
        row["duration_ms"] = round((time.perf_counter() - started) * 1000)
        row["created_at"] = datetime.now(UTC)
        await record(request.state.log, row)
