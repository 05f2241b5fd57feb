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
    title = "Client Left" if status == CLIENT_LEFT else HTTPStatus(status).phrase
    content = {
        "type": "about:blank",  # says: there is no more to it than the status
        "title": title,
        "status": status,
        "detail": detail,
        "request_id": request.state.request_id,
        **more,
    }
    return JSONResponse(content, status, headers, media_type="application/problem+json")


async def refuse(request: Request, error: HTTPException) -> Response:
    """What routes, middleware and the framework itself raise on purpose."""
    if error.status_code == 400:  # FastAPI's word for a body that is not even text
        return problem(request, 422, "The body is not JSON.")
    return problem(request, error.status_code, error.detail, error.headers)


async def refuse_input(request: Request, error: RequestValidationError) -> Response:
    """Name each field and the rule it broke, and nothing of what was sent."""
    broken = [
        {"field": ".".join(str(part) for part in each["loc"][1:]), "rule": each["msg"]}
        for each in error.errors()
    ]
    detail = "; ".join(f"{each['field']}: {each['rule']}" for each in broken)
    return problem(request, 422, detail, errors=broken)


def apologise(request: Request) -> Response:
    """What nobody has expected: why is our business, not the caller's."""
    return problem(request, 500, "Something went wrong on our side. We have been told.")


REFUSALS: dict[int | type[Exception], Any] = {
    HTTPException: refuse,
    RequestValidationError: refuse_input,
}
