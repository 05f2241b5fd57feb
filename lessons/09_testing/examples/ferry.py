"""A ferry that leaves when the tide allows it; the harbour's service knows the tide."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, HTTPException


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url="http://harbour.test") as app.state.harbour:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/ferry/{island}")
async def ferry(island: str) -> dict[str, str]:
    """Whether the ferry to an island leaves now."""
    try:
        answer = await app.state.harbour.get("/tide", params={"at": island})
    except httpx.TimeoutException as error:
        raise HTTPException(504, "The harbour is silent.") from error
    return {"island": island, "ferry": "leaves" if answer.json()["metres"] > 2 else "waits"}
