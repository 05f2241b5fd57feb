"""Handles FastAPI's HTTPException, and not the one that Starlette's router raises."""

import fastapi

CAUGHT_BY = (
    "test_a_refused_request_is_a_problem",
    "test_broken_json_is_refused",
)
FILE = "problems.py"


REFUSALS: dict[int | type[Exception], Any] = {
    fastapi.HTTPException: refuse,
    RequestValidationError: refuse_input,
}
