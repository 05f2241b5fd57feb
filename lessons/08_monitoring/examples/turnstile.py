"""A turnstile at the exit: plain ASGI sees when an answer is over, however it is."""

from prometheus_client import CollectorRegistry, Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

registry = CollectorRegistry()
LEFT = Counter("visitors_left_total", "Answers that are over.", ["door", "how"], registry=registry)


class Turnstile:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        how = "without a word"

        async def watching_send(message: Message) -> None:
            nonlocal how
            if message["type"] == "http.response.body":
                how = "in the middle" if message.get("more_body") else "at the end"
            await send(message)

        try:
            await self.app(scope, receive, watching_send)
        finally:
            door = getattr(scope.get("route"), "path", "no door")
            LEFT.labels(door, how).inc()
