"""Takes the words of the answer for its tokens."""

CAUGHT_BY = (
    "test_the_row_says_who_asked_which_model_answered_and_what_it_cost",
    "test_200_questions_at_once_leave_200_rows_and_right_totals",
    "test_usage_adds_up_the_callers_own_rows",
    "test_failed_questions_count_without_tokens",
    "test_usage_remembers_what_was_before_a_restart",
    "test_usage_counts_what_another_process_has_written",
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
    try:
        answer = await ask_llm(request.state.client, body, user)
        words = len(answer.response.split())
        row |= {"model": answer.model, "tokens": words, "status": "ok"}
        return answer
    finally:
        row["duration_ms"] = round((time.perf_counter() - started) * 1000)
        row["created_at"] = datetime.now(UTC)
        await record(request.state.log, row)
