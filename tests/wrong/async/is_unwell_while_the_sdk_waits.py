"""Answers 503 on /health while a legacy query waits, and a sound process is restarted."""

from fastapi import HTTPException

CAUGHT_BY = ("test_health_answers_while_legacy_queries_wait",)

waiting: set[int] = set()


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    if waiting:
        raise HTTPException(503, "Legacy queries are under way.")
    return {"status": "ok"}


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    waiting.add(id(body))
    try:
        answer = await run_in_threadpool(
            legacy_sdk.complete, body.query, model=body.model, temperature=body.temperature
        )
    except legacy_sdk.LegacyError as error:
        raise explain(error) from error
    finally:
        waiting.discard(id(body))
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
