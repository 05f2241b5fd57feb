"""Refuses a body in the middleware, far from the shape of failures."""

from fastapi.responses import PlainTextResponse

CAUGHT_BY = ("test_a_refused_body_is_a_problem",)
FILE = "middleware.py"


class BodyLimit:
    """Takes no more of a body than MAX_BODY_BYTES, whatever is said about its length."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = int(Headers(scope=scope).get("Content-Length", "0"))
        if declared > MAX_BODY_BYTES:
            await PlainTextResponse("A body has at most 64 KiB.", 413)(scope, receive, send)
            return
        size = 0

        async def limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            check_size(size)
            return message

        await self.app(scope, limited, send)
