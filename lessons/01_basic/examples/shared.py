"""What is opened before the `yield` of a lifespan lives as long as the process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryFile
from typing import Any

from fastapi import FastAPI, Request


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    with TemporaryFile("w+") as visitors:
        yield {"visitors": visitors}


app = FastAPI(lifespan=lifespan)


@app.get("/hello/{name}")
async def hello(name: str, request: Request) -> str:
    request.state.visitors.write(f"{name}\n")
    return f"Hello, {name}!"
