"""Writes `timeout` where a row says `ok` or `error`, when the LLM was silent for too long."""

from fastapi import HTTPException

CAUGHT_BY = ("test_a_silent_llm_leaves_a_row",)


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
    except HTTPException as error:
        if error.status_code == 504:
            row["status"] = "timeout"
        raise
    finally:
        row["duration_ms"] = round((time.perf_counter() - started) * 1000)
        row["created_at"] = datetime.now(UTC)
        await record(request.state.log, row)
