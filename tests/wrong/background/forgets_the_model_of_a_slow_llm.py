"""Has a row of its own for an LLM that is slow or busy, and forgets the model there."""

CAUGHT_BY = ("test_every_kind_of_failure_leaves_a_row", "test_a_silent_llm_leaves_a_row")


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
    except Exception as error:
        if getattr(error, "status_code", 0) in (503, 504):
            row["model"] = "none"
        raise
    finally:
        row["duration_ms"] = round((time.perf_counter() - started) * 1000)
        row["created_at"] = datetime.now(UTC)
        await record(request.state.log, row)
