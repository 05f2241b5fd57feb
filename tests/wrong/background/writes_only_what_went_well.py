"""Makes the row after the call, on a line that a failure never reaches."""

CAUGHT_BY = (
    "test_a_failed_call_leaves_a_row",
    "test_every_kind_of_failure_leaves_a_row",
    "test_a_silent_llm_leaves_a_row",
    "test_an_llm_that_is_not_there_leaves_a_row",
    "test_failed_questions_count_without_tokens",
    "test_the_model_of_a_failed_call_may_be_the_default",
)


@app.post("/query")
async def query(request: Request, body: QueryRequest, user: User) -> QueryResponse:
    """Answer one question, and leave a row that says who asked and what it cost."""
    started = time.perf_counter()
    answer = await ask_llm(request.state.client, body, user)
    row: Row = {
        "id": uuid.uuid4().hex,
        "request_id": request.state.request_id,
        "user_id": user,
        "model": answer.model,
        "tokens": answer.tokens_used,
        "status": "ok",
        "duration_ms": round((time.perf_counter() - started) * 1000),
        "created_at": datetime.now(UTC),
    }
    await record(request.state.log, row)
    return answer
