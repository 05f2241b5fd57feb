"""Who still answers is still ready."""

FILE = "app/api.py"
CAUGHT_BY = ("test_it_is_ready_until_sigterm",)


@app.get("/readyz")
async def ready() -> JSONResponse:
    return JSONResponse({"status": "ok"})
