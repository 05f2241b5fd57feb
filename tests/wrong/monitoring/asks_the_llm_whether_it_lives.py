"""Has itself restarted because somebody else is down."""

CAUGHT_BY = (
    "test_a_silent_llm_makes_an_app_that_lives_and_is_not_ready",
    "test_an_llm_that_fails_makes_an_app_that_is_not_ready",
    "test_an_llm_that_is_gone_makes_an_app_that_lives_and_is_not_ready",
    "test_an_llm_that_hangs_up_makes_an_app_that_is_not_ready",
)


@app.get("/livez")
async def livez(request: Request) -> JSONResponse:
    """Should this process be restarted?"""
    return await readyz(request)
