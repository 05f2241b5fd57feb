"""A process that is about to end is not alive."""

FILE = "app/api.py"
CAUGHT_BY = (
    "test_it_goes_on_serving_for_a_while",
    "test_it_stays_when_the_last_stream_has_ended",
    "test_five_seconds_are_the_default_and_no_limit",
)


@app.get("/health")
@app.get("/livez")
async def alive() -> Response:
    return JSONResponse({"status": "ok"}, status_code=503 if DRAIN.begun else 200)
