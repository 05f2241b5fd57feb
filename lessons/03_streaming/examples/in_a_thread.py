"""A plain generator runs in a thread: nobody else is stopped by it, and nobody can stop it."""

import threading
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

next_word = threading.Event()
closed = threading.Event()
app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/words")
def words() -> StreamingResponse:
    def generate() -> Iterator[str]:
        try:
            yield "data: one\n\n"
            next_word.wait()  # as a blocking read waits for the LLM
            yield "data: two\n\n"
        finally:
            closed.set()

    return StreamingResponse(generate(), media_type="text/event-stream")
