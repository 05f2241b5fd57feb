"""Refuses a crowd at the very door, where nobody has an id yet."""

from problems import problem

CAUGHT_BY = ("test_an_answer_that_spares_somebody_has_the_id",)
FILE = "middleware.py"


class RequestId:
    """Gives every request an id: in `request.state.request_id`, in its answer and in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        places = int(os.environ.get("MAX_IN_FLIGHT", "100"))
        if scope["path"] == "/query" and self.inside >= places:
            scope.setdefault("state", {})["request_id"] = uuid.uuid4().hex
            full = problem(Request(scope), 503, "Too many at once.", {"Retry-After": "1"})
            await full(scope, receive, send)
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

        self.inside += scope["path"] == "/query"
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            self.inside -= scope["path"] == "/query"
            logger.info("%s %s %d %s", scope["method"], path, status, request_id)
