"""Leaves no row when the LLM cannot be reached, because nobody was asked then."""

import httpx
from fastapi import HTTPException

CAUGHT_BY = ("test_an_llm_that_is_not_there_leaves_a_row",)


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
    arrived = True
    try:
        answer = await ask_llm(request.state.client, body, user)
        row |= {"model": answer.model, "tokens": answer.tokens_used, "status": "ok"}
        return answer
    except HTTPException as error:
        arrived = not isinstance(error.__cause__, httpx.ConnectError)
        raise
    finally:
        row["duration_ms"] = round((time.perf_counter() - started) * 1000)
        row["created_at"] = datetime.now(UTC)
        if arrived:
            await record(request.state.log, row)
