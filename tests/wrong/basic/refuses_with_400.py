"""Knows one status for everything a caller does wrong."""

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
    return JSONResponse({"detail": "Bad request"}, status_code=400)
