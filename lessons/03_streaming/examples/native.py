"""FastAPI's own server-sent events: short, and a failure looks like an end."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.sse import EventSourceResponse

app = FastAPI()


@app.get("/half", response_class=EventSourceResponse)
async def half() -> AsyncIterator[dict[str, str]]:
    yield {"text": "The first half"}
    await asyncio.sleep(0.05)
    raise RuntimeError("the LLM hung up")
