"""A stand-in for fastapi-cache's decorator: twenty lines that refuse what the library refuses.

It is not that library, which cannot be imported on a clean install. It has the one rule that
matters here, and like the original it says nothing when the rule applies.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from fastapi import FastAPI, Request

Handler = Callable[[Request], Awaitable[Any]]

app = FastAPI()
runs: list[str] = []


def cache(handler: Handler) -> Handler:
    kept: dict[str, Any] = {}

    @wraps(handler)
    async def cached(request: Request) -> Any:
        if request.method != "GET":
            return await handler(request)
        key = handler.__name__
        if key not in kept:
            kept[key] = await handler(request)
        return kept[key]

    return cached


@app.get("/whoami")
@cache
async def whoami(request: Request) -> str:
    runs.append("GET")
    return request.headers["Authorization"]


@app.post("/shout")
@cache
async def shout(request: Request) -> str:
    runs.append("POST")
    return (await request.body()).decode().upper()
