import itertools

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.get("/health")
def health():
    return StreamingResponse("x" * 100_000 for _ in itertools.count())


@app.post("/stream")
def stream():
    return StreamingResponse(("data: x\n\n" for _ in itertools.count()), media_type="text/event-stream")
