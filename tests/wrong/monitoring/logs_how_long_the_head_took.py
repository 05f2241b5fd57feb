"""Says in its line how long the head of an answer took, which of a stream is the beginning."""

from logs import logger

CAUGHT_BY = ("test_a_stream_has_its_line_when_it_has_ended",)
FILE = "middleware.py"


def log_answer(record: Record, seconds: float) -> None:
    """The line of a request, with the time at which its status was known."""
    fields = {
        "method": record.method,
        "route": record.route,
        "status": record.status,
        "duration_ms": round(seconds * 1000),
        "model": record.model,
        "tokens": record.tokens,
    }
    logger.info("request answered", extra={"fields": fields})


class Observe:
    """Plain ASGI, because it sees the end of a stream and costs next to nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        record = Record(scope["method"], sane_id(headers.get("X-Request-ID", "")))
        record.trace_id = trace_id_of(headers.get("traceparent", ""))
        RECORD.set(record)
        await self.observed(record, scope, receive, send)

    async def observed(self, record: Record, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer; at the end, whatever it is, complete the record and pass it on."""
        begun = ended = False
        seconds = 0.0

        async def noting_send(message: Message) -> None:
            nonlocal begun, ended, seconds
            if message["type"] == "http.response.start":
                begun, record.status = True, message["status"]
                seconds = record.seconds
                MutableHeaders(scope=message)["X-Request-ID"] = record.request_id
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
                log_answer(record, seconds)
