"""What the service answers. Whether it is about to leave shows in one place, /readyz."""

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.background import BackgroundTask

from app.drain import DRAIN
from app.llm import LLM_ERRORS, ask, ask_in_pieces, explain, lifespan
from app.query import REFUSALS, QueryRequest, QueryResponse
from app.streams import SSE_HEADERS, answer_events, close, to_the_end, unless

app = FastAPI(title="LLM API", lifespan=lifespan, exception_handlers=REFUSALS)


@app.get("/health")
@app.get("/livez")
async def alive() -> dict[str, str]:
    """Say that this process answers: no reason to kill it, whatever else is wrong."""
    return {"status": "ok"}


@app.get("/readyz")
async def ready() -> JSONResponse:
    """Say whether new requests should be sent here."""
    # TODO(drain): 503 as soon as this process is on its way out.
    return JSONResponse({"status": "ok"})


@app.post("/query")
async def query(request: Request, body: QueryRequest) -> QueryResponse:
    """One question, one answer."""
    try:
        return await ask(request.state.client, body)
    except LLM_ERRORS as error:
        raise explain(error) from error


@app.post("/stream")
async def stream(request: Request, body: QueryRequest) -> Response:
    """Wait for the first event while a status can still be chosen, then stream."""
    events = answer_events(ask_in_pieces(request.state.client, body))
    try:
        first = await unless(anext(events), request.receive(), DRAIN.over.wait())
    except LLM_ERRORS as error:
        raise explain(error) from error
    if first is None and DRAIN.over.is_set():
        raise HTTPException(503, "The service has to stop. Please ask again.")
    if first is None:
        return Response(status_code=499)  # nobody is left to read it
    events = to_the_end(first, events)
    return StreamingResponse(events, headers=SSE_HEADERS, background=BackgroundTask(close, events))
