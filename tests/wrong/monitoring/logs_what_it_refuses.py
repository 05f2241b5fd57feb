"""Repeats a refused request in the log, to be helpful."""

import logging

CAUGHT_BY = ("test_nothing_that_was_said_is_in_the_logs",)
FILE = "query.py"


async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the field and the rule it broke."""
    logging.getLogger("requests").warning("refused: %s", error.errors())
    problems = [jsonable_encoder(e, exclude={"input", "ctx"}) for e in error.errors()]
    return JSONResponse({"detail": problems}, status_code=422)
