"""An LLM API that can be watched: metrics, a line of JSON for each request, and two probes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from events import stream_of
from llm import LLM_ERRORS, complete, explain, make_client, payload
from llm import stream as stream_llm
from logs import set_up_logs
from metrics import page
from middleware import Observe
from probes import Readiness
from query import REFUSALS, QueryRequest, QueryResponse

set_up_logs()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """One client for the LLM, and one opinion on whether it answers, for the whole process."""
    async with make_client() as client:
        yield {"client": client, "readiness": Readiness(client)}


app = FastAPI(title="LLM API", lifespan=lifespan, exception_handlers=REFUSALS)
app.add_middleware(Observe)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    return {"status": "ok"}


@app.get("/metrics")
def metrics() -> Response:
    """All metrics, in the text format that Prometheus reads; in a thread, for it may read files."""
    return Response(page(), media_type=CONTENT_TYPE_PLAIN_0_0_4)


@app.get("/livez")
async def livez() -> dict[str, str]:
    """Should this process be restarted? Not because somebody else is down."""
    return {"status": "ok"}


@app.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Should this process be sent requests?"""
    ready = await request.state.readiness.is_ready()
    status = {"status": "ok"} if ready else {"status": "the language model does not answer"}
    return JSONResponse(status, 200 if ready else 503)


@app.post("/query")
async def query(request: Request, body: QueryRequest) -> QueryResponse:
    """Answer one question in one piece."""
    asked = payload(body.query, body.model, body.temperature, stream=False)
    try:
        answer = await complete(request.state.client, asked)
    except LLM_ERRORS as error:
        raise explain(error) from error
    tokens = answer.usage.prompt_tokens + answer.usage.completion_tokens
    return QueryResponse(response=answer.text, model=answer.model, tokens_used=tokens)


@app.post("/stream")
async def stream(request: Request, body: QueryRequest) -> Response:
    """Answer one question as server-sent events."""
    asked = payload(body.query, body.model, body.temperature, stream=True)
    return await stream_of(request, stream_llm(request.state.client, asked))
