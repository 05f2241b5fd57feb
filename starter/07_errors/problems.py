"""One shape for every failure: RFC 9457's `application/problem+json`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

CLIENT_LEFT = 499  # nginx's number for an answer that nobody will read


def problem(
    request: Request,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """The answer for a failure. `detail` is for a person; `more` is for their program."""
    # TODO(problem): `type`, `title`, `status`, `detail` and `request_id`, and the media type of
    # RFC 9457. `HTTPStatus` knows titles, but none for CLIENT_LEFT.
    return JSONResponse({"detail": detail, **more}, status, headers)


async def refuse(request: Request, error: HTTPException) -> Response:
    """What routes, middleware and the framework itself raise on purpose."""
    # TODO(body): FastAPI raises a 400 of its own for a body that is not even text. That is broken
    # JSON like any other: 422.
    return problem(request, error.status_code, error.detail, error.headers)


async def refuse_input(request: Request, error: RequestValidationError) -> Response:
    """Name each field and the rule it broke, and nothing of what was sent."""
    # TODO(no-leak): each error has a place (`loc`), a rule (`msg`), and more than anybody should
    # read.
    return problem(request, 422, str(error.errors()))


def apologise(request: Request) -> Response:
    """What nobody has expected: why is our business, not the caller's."""
    return problem(request, 500, "Something went wrong on our side. We have been told.")


REFUSALS: dict[int | type[Exception], Any] = {
    HTTPException: refuse,
    RequestValidationError: refuse_input,
}
