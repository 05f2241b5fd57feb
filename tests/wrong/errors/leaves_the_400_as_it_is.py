"""Lets FastAPI say 400 for a body that is not even text."""

CAUGHT_BY = ("test_broken_json_is_refused",)
FILE = "problems.py"


async def refuse(request: Request, error: HTTPException) -> Response:
    """What routes, middleware and the framework itself raise on purpose."""
    return problem(request, error.status_code, error.detail, error.headers)
