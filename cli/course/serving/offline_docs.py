"""/docs and /redoc without a network: what these pages ask a CDN for comes from here."""

import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGES = ("/docs", "/redoc")
OURS = "/_course/docs/"
TYPES = {
    "swagger-ui-bundle.js": b"text/javascript; charset=utf-8",
    "swagger-ui.css": b"text/css; charset=utf-8",
    "redoc.standalone.js": b"text/javascript; charset=utf-8",
    "favicon.png": b"image/png",
}
ADDRESS = re.compile(
    rb"https://(?:cdn\.jsdelivr\.net/npm/(?:swagger-ui-dist|redoc)@[\w.-]+/(?:bundles/)?"
    rb"|fastapi\.tiangolo\.com/img/)"
    rb"(" + b"|".join(re.escape(name.encode()) for name in TYPES) + rb")"
)
FONTS = re.compile(rb'<link href="https://fonts\.googleapis\.com/[^>]*>')


def files() -> Path:
    """Where the package with Swagger UI and ReDoc keeps them; it need not be imported."""
    spec = find_spec("fastapi_offline")
    assert spec is not None and spec.origin is not None, "fastapi-offline is a dependency"
    return Path(spec.origin).parent / "static"


def rewritten(page: bytes) -> bytes:
    """The same page with our addresses instead of the CDN's."""
    return FONTS.sub(b"", ADDRESS.sub(OURS.encode() + rb"\1", page))


class OfflineDocs:
    """An ASGI app around another one, which sees every request but those for our own files.

    `on_start` is called once the app has started, also when it has no lifespan.
    """

    def __init__(self, app: ASGIApp, on_start: Callable[[], None] = lambda: None) -> None:
        self.app = app
        self.on_start = on_start

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "lifespan":
            await self.live(scope, receive, send)
        elif scope["type"] == "http" and path.removeprefix(OURS) in TYPES and path.startswith(OURS):
            await send_file(path.removeprefix(OURS), send)
        elif scope["type"] == "http" and path in PAGES:
            await self.app(scope, receive, rewriting(send))
        else:
            await self.app(scope, receive, send)

    async def live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The app's own lifespan; one that raises before it says anything has none (ASGI)."""
        said = False

        async def forward(message: Message) -> None:
            nonlocal said
            said = True
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self.on_start()

        try:
            await self.app(scope, receive, forward)
        except Exception:
            if not said:
                self.on_start()
            raise


def rewriting(send: Send) -> Send:
    """Holds an HTML page back until it is whole, and sends it with our addresses."""
    start: Message | None = None
    page = bytearray()

    async def forward(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start" and is_html(message):
            start = message
            return
        if start is None or message["type"] != "http.response.body":
            await send(message)
            return
        page.extend(message.get("body", b""))
        if not message.get("more_body"):
            body = rewritten(bytes(page))
            kept = [item for item in start["headers"] if item[0].lower() != b"content-length"]
            length = (b"content-length", str(len(body)).encode())
            await send({**start, "headers": [*kept, length]})
            await send({"type": "http.response.body", "body": body})

    return forward


def is_html(start: Message) -> bool:
    """A page that one can read: HTML, and not compressed."""
    headers = {name.lower(): value for name, value in start.get("headers", ())}
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return kind == b"text/html" and b"content-encoding" not in headers


async def send_file(name: str, send: Send) -> None:
    content = (files() / name).read_bytes()
    headers = [
        (b"content-type", TYPES[name]),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"max-age=3600"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})
