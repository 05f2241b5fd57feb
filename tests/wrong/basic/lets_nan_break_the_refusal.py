"""Repeats the input in the refusal; NaN cannot be written as JSON, and 422 becomes 500."""

CAUGHT_BY = ("test_a_temperature_that_is_no_finite_number_is_refused",)


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the field and the rule it broke."""
    return JSONResponse({"detail": jsonable_encoder(error.errors())}, status_code=422)
