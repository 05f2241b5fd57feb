"""Every request passes through here, and is counted and logged when its answer has ended."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from logs import log_request
from metrics import count, route_of
from record import RECORD, Record, sane_id
from trace_context import trace_id_of

QUIET = {"/health", "/livez", "/readyz", "/metrics"}  # asked every few seconds, by machines
CLIENT_LEFT = 499


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
        """Let the app answer; at the end, whatever it is, complete the record and pass it on.

        TODO(requests): `record.route` is known when the app has answered; then `count` the record.
        An answer may also end with an exception (500), or without its last message: the client has
        left (CLIENT_LEFT).
        TODO(logs): and then log it, with `log_request`, unless its route is in QUIET.
        """

        async def noting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = record.request_id
            await send(message)

        await self.app(scope, receive, noting_send)
