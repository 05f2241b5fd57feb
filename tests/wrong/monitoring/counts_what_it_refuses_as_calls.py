"""Counts a request that it refuses as a call that has failed, and nobody was called."""

from metrics import LLM_REQUESTS

CAUGHT_BY = ("test_what_is_refused_is_no_call",)
FILE = "query.py"


async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the field and the rule it broke."""
    LLM_REQUESTS.labels("unknown", "error").inc()
    problems = [jsonable_encoder(e, exclude={"input", "ctx"}) for e in error.errors()]
    return JSONResponse({"detail": problems}, status_code=422)
