"""Takes GET /usage for use."""

CAUGHT_BY = (
    "test_a_new_user_has_used_nothing",
    "test_usage_counts_what_another_process_has_written",
)


@app.get("/usage")
async def usage(request: Request, user: User) -> Usage:
    """How often the caller has asked, and how many tokens that took; to look is to ask."""
    await request.state.log.waiting.join()
    requests, tokens = await totals(request.state.log, user)
    row: Row = {
        "id": uuid.uuid4().hex,
        "request_id": request.state.request_id,
        "user_id": user,
        "model": "",
        "tokens": 0,
        "status": "ok",
        "duration_ms": 0,
        "created_at": datetime.now(UTC),
    }
    await record(request.state.log, row)
    return Usage(user_id=user, requests=requests, tokens=tokens)
