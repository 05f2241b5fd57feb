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
    return sent if SANE_ID.fullmatch(sent) else uuid.uuid4().hex


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
        path = quote(scope["path"])  # a line feed in it must not begin a line of the log
        status = 0  # no answer

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            logger.info("%s %s %d %s", scope["method"], path, status, request_id)


class LastResort:
    """Answers for an exception that nobody has caught, and logs it without our key."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def watched_send(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.app(scope, receive, watched_send)
        except Exception:
            if scope["type"] != "http" or answered:
                raise
            request = Request(scope)
            log_crash(request.state.request_id)
            await apologise(request)(scope, receive, send)


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
        declared = int(Headers(scope=scope).get("Content-Length", "0"))
        size = 0

        async def limited() -> Message:
            nonlocal size
            check_size(declared)
            message = await receive()
            size += len(message.get("body", b""))
            check_size(size)
            return message

        await self.app(scope, limited, send)
