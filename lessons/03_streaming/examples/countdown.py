"""A countdown that is sent while it is counted, and says when it is over."""

import asyncio
from collections.abc import AsyncGenerator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse


async def count_down(start: int) -> AsyncGenerator[bytes, None]:
    for number in range(start, 0, -1):
        yield b"data: %d\n\n" % number
        await asyncio.sleep(0.05)
    yield b"event: lift-off\ndata: 0\n\n"


app = FastAPI()


@app.get("/countdown")
async def countdown(start: int = 10) -> StreamingResponse:
    return StreamingResponse(count_down(start), media_type="text/event-stream")
