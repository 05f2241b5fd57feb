"""Keeps the id that it sends back in the middleware, and all requests share that."""

CAUGHT_BY = ("test_ids_never_cross",)
FILE = "middleware.py"


class Observe:
    """Plain ASGI, because it sees the end of a stream and costs next to nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        self.request_id = sane_id(headers.get("X-Request-ID", ""))
        record = Record(scope["method"], self.request_id)
        record.trace_id = trace_id_of(headers.get("traceparent", ""))
        RECORD.set(record)
        await self.observed(record, scope, receive, send)

    async def observed(self, record: Record, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer; at the end, whatever it is, complete the record and pass it on."""
        begun = ended = False

        async def noting_send(message: Message) -> None:
            nonlocal begun, ended
            if message["type"] == "http.response.start":
                begun, record.status = True, message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = self.request_id
            elif not message.get("more_body"):
                ended = True
            await send(message)

        try:
            await self.app(scope, receive, noting_send)
        except Exception:
            record.status, ended = 500, True  # also when another one was sent before
            raise
        finally:
            record.route = route_of(scope)
            record.status = CLIENT_LEFT if begun and not ended else record.status
            count(record)
            if record.route not in QUIET:
                log_request(record)
