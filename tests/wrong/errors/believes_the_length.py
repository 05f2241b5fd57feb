"""Looks at the declared length, and reads on where there is none."""

CAUGHT_BY = ("test_more_without_a_length_is_refused",)
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
        size = 0

        async def limited() -> Message:
            nonlocal size
            check_size(declared)
            message = await receive()
            size += len(message.get("body", b""))
            return message

        await self.app(scope, limited, send)
