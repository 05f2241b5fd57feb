"""The same small middleware twice, in front of the same routes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

reader: ContextVar[str] = ContextVar("reader", default="nobody")
seen: list[str] = []


class Convenient(BaseHTTPMiddleware):
    """A request goes in, a response comes out."""

    async def dispatch(
        self, request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        seen.append(f"read by {reader.get()}")
        return response


class Pure:
    """Messages go in and out, as the server and the app exchange them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
        seen.append(f"read by {reader.get()}")


def make_app(middleware: type[Convenient] | type[Pure]) -> FastAPI:
    """Three routes behind that middleware."""
    app = FastAPI()
    app.add_middleware(middleware)

    @app.get("/story")
    async def story() -> StreamingResponse:
        async def tell() -> AsyncIterator[str]:
            yield "Once upon a time"
            raise RuntimeError("the storyteller fell asleep")

        return StreamingResponse(tell())

    @app.get("/page")
    async def page() -> None:
        reader.set("ada")

    @app.get("/wait")
    async def wait(request: Request) -> None:
        seen.append("waiting")
        while not await request.is_disconnected():
            await asyncio.sleep(0.05)
        seen.append("noticed")

    return app
