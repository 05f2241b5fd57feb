"""Two classes called HTTPException, and who raises which."""

import fastapi
import starlette.exceptions
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

app = FastAPI()


@app.exception_handler(fastapi.HTTPException)
async def by_the_routes(request: Request, error: fastapi.HTTPException) -> JSONResponse:
    return JSONResponse({"sorry": error.detail}, error.status_code, error.headers)


@app.get("/soup")
async def soup() -> None:
    raise fastapi.HTTPException(503, "The soup is not ready.", {"Retry-After": "60"})


complete = FastAPI(routes=app.routes)


@complete.exception_handler(starlette.exceptions.HTTPException)
async def by_anybody(request: Request, error: starlette.exceptions.HTTPException) -> JSONResponse:
    return JSONResponse({"sorry": error.detail}, error.status_code, error.headers)
