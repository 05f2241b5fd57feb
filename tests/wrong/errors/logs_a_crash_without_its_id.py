"""Leaves a crash to its trace, and logs no line with the id for it."""

CAUGHT_BY = ("test_the_log_has_the_id",)
FILE = "middleware.py"


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
            if status != 500:  # a crash has been logged
                logger.info("%s %s %d %s", scope["method"], path, status, request_id)


def log_crash(request_id: str) -> None:
    """Log the exception being handled. Many people read a log: the key is blacked out."""
    trace = traceback.format_exc()
    if key := os.environ.get("LLM_API_KEY"):
        trace = trace.replace(key, "***")
    logger.error("a request crashed\n%s", trace)
