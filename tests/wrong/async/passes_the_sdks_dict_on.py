"""Answers with the SDK's own words: `text` and `tokens`."""

from typing import Any

CAUGHT_BY = ("test_a_legacy_query_is_answered_as_a_query_response",)


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> dict[str, Any]:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    try:
        return await run_in_threadpool(
            legacy_sdk.complete, body.query, model=body.model, temperature=body.temperature
        )
    except legacy_sdk.LegacyError as error:
        raise explain(error) from error
