"""Has heard that what cannot be read is 400, and declares only the 422."""

CAUGHT_BY = ("test_the_app_keeps_to_its_schema",)


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the field and the rule it broke."""
    problems = [jsonable_encoder(e, exclude={"input", "ctx"}) for e in error.errors()]
    is_readable = not any(problem["type"].endswith("_type") for problem in problems)
    return JSONResponse({"detail": problems}, status_code=422 if is_readable else 400)
