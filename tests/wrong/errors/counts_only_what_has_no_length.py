"""Counts what comes in chunks, and trusts whoever names a length."""

CAUGHT_BY = ("test_a_length_of_more_is_refused",)
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
            message = await receive()
            size += len(message.get("body", b""))
            if not declared:
                check_size(size)
            return message

        await self.app(scope, limited, send)
