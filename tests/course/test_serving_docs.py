"""/docs and /redoc of a served app: every address in them is our own, all else is untouched."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from course.serving.offline_docs import TYPES, OfflineDocs

CDN = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui.css"
PAGE = f'<link href="{CDN}">'


def get(app: ASGIApp, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(OfflineDocs(app))
        async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as client:
            return await client.get(path)

    return asyncio.run(ask())


def app_with(path: str, answer: Callable[[], Any]) -> Starlette:
    return Starlette(routes=[Route(path, lambda request: answer())])


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_a_page_of_fastapi_asks_for_nothing_from_elsewhere(page: str) -> None:
    app = FastAPI()
    html = get(app, page)
    assert html.status_code == 200
    assert int(html.headers["content-length"]) == len(html.content)
    wanted = re.findall(r'(?:src|href)="([^"]+)"', html.text)
    assert len(wanted) >= 2
    for address in wanted:
        assert address.startswith("/_course/docs/"), address
        file = get(app, address)
        assert file.status_code == 200
        assert file.headers["content-type"].encode() == TYPES[address.rpartition("/")[2]]
        assert len(file.content) > 1000


def test_the_bundled_swagger_ui_reads_openapi_3_1() -> None:
    assert FastAPI().openapi_version.startswith("3.1")
    assert "isOAS31" in get(FastAPI(), "/_course/docs/swagger-ui-bundle.js").text


def test_a_page_that_comes_in_pieces_is_rewritten_whole() -> None:
    half = len(PAGE) // 2
    pieces = [PAGE[:half], PAGE[half:]]
    app = app_with("/docs", lambda: StreamingResponse(iter(pieces), media_type="text/html"))
    assert get(app, "/docs").text == '<link href="/_course/docs/swagger-ui.css">'


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/page", lambda: HTMLResponse(PAGE)),
        ("/docs", lambda: PlainTextResponse(PAGE)),
        ("/docs", lambda: HTMLResponse(PAGE, headers={"content-encoding": "identity"})),
        ("/_course/docs/other.js", lambda: PlainTextResponse(PAGE)),
    ],
    ids=["another page", "plain text", "an encoded page", "another file"],
)
def test_other_answers_are_left_alone(path: str, answer: Callable[[], Any]) -> None:
    assert get(app_with(path, answer), path).text == PAGE


def lifespan(app: ASGIApp) -> tuple[list[str], int]:
    """What the app sends at its start and its end, and how often it was said to have started."""
    sent: list[str] = []
    started: list[None] = []

    async def live() -> None:
        messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

        async def receive() -> Any:
            return next(messages)

        async def send(message: Any) -> None:
            sent.append(message["type"])

        wrapped = OfflineDocs(app, on_start=lambda: started.append(None))
        await wrapped({"type": "lifespan", "state": {}}, receive, send)

    try:
        asyncio.run(live())
    except RuntimeError:
        sent.append("raised")
    return sent, len(started)


def test_an_app_has_started_when_its_lifespan_says_so() -> None:
    sent = ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert lifespan(FastAPI()) == (sent, 1)


def test_an_app_without_a_lifespan_has_started_at_once() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("only http")

    assert lifespan(app) == (["raised"], 1)


def test_an_app_whose_start_fails_has_not_started() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup.failed"})
        raise RuntimeError("no database")

    assert lifespan(app) == (["lifespan.startup.failed", "raised"], 0)
