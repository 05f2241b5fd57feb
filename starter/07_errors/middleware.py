"""What happens around every request, in pure ASGI: an id, a last resort, a limit."""

import logging
import os
import re
import traceback
import uuid
from urllib.parse import quote

from fastapi import HTTPException, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from problems import apologise

MAX_BODY_BYTES = 64 * 1024
SANE_ID = re.compile(r"[!-~]{1,128}")  # visible ASCII

logger = logging.getLogger("errors")


def choose_id(sent: str) -> str:
    """The id that the caller sent, when it is sane; else a new one."""
    # TODO(request-id): SANE_ID knows what is sane. No two requests may get the same new one.
    return "the-one-and-only"


class RequestId:
    """Gives every request an id: in `request.state.request_id`, in its answer and in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = choose_id(Headers(scope=scope).get("X-Request-ID", ""))
        scope.setdefault("state", {})["request_id"] = request_id
        # TODO(request-id): the answer gets the header X-Request-ID: wrap `send`, and look for the
        # message that has the headers. And each request leaves a line in the log, with its method,
        # path (`quote` it), status and id, whatever has become of it.
        await self.app(scope, receive, send)


class LastResort:
    """Answers for an exception that nobody has caught, and logs it without our key."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # TODO(problem): when an Exception comes out of the app, `log_crash` it and send
        # `apologise(Request(scope))`, which is an ASGI app itself. After the first message of an
        # answer it is too late for another: let the exception go on. A scope that is no request
        # (at the start, `lifespan`) is handed on as above.
        await self.app(scope, receive, send)


def log_crash(request_id: str) -> None:
    """Log the exception being handled. Many people read a log: the key is blacked out."""
    trace = traceback.format_exc()
    if key := os.environ.get("LLM_API_KEY"):
        trace = trace.replace(key, "***")
    logger.error("request %s crashed\n%s", request_id, trace)


def check_size(size: int) -> None:
    """413 for a body that is larger than MAX_BODY_BYTES."""
    if size > MAX_BODY_BYTES:
        raise HTTPException(413, "A body has at most 64 KiB.")


class BodyLimit:
    """Takes no more of a body than MAX_BODY_BYTES, whatever is said about its length."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # TODO(body): wrap `receive`. In the wrapper `check_size` the length that is declared, if
        # one is, and then what really comes: add up the `body` of its messages. What `receive`
        # raises goes through FastAPI to `refuse`; what is raised out here is a 500.
        await self.app(scope, receive, send)
