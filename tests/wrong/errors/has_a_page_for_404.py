"""Sends a page of its own for addresses that it does not have."""

CAUGHT_BY = ("test_a_refused_request_is_a_problem",)
FILE = "problems.py"


async def not_found(request: Request, error: HTTPException) -> Response:
    """The page for all addresses that nobody answers."""
    return Response("<h1>There is nothing here.</h1>", 404, media_type="text/html")


REFUSALS: dict[int | type[Exception], Any] = {
    404: not_found,
    HTTPException: refuse,
    RequestValidationError: refuse_input,
}
