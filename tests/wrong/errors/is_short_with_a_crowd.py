"""Writes a 503 in plain text, to be quick."""

CAUGHT_BY = (
    "test_a_failure_of_the_llm_is_a_problem",
    "test_a_refusal_that_spares_somebody_is_a_problem",
)
FILE = "problems.py"


async def refuse(request: Request, error: HTTPException) -> Response:
    """What routes, middleware and the framework itself raise on purpose."""
    if error.status_code == 400:  # FastAPI's word for a body that is not even text
        return problem(request, 422, "The body is not JSON.")
    if error.status_code == 503:
        return Response("Service Unavailable", 503, error.headers, "text/plain")
    return problem(request, error.status_code, error.detail, error.headers)
