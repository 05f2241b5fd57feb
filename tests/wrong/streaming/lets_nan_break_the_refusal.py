"""NaN is refused, and the refusal is not JSON."""

FILE = "query.py"
CAUGHT_BY = ("test_a_request_that_asks_nothing_is_422_and_no_call",)


async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    return JSONResponse({"detail": [problem["input"] for problem in error.errors()]}, 422)
