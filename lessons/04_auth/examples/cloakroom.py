"""Coats for tickets. Only who shows a wrong ticket is counted, by where they stand."""

from typing import NoReturn

from fastapi import FastAPI, HTTPException, Request
from slowapi import Limiter
from slowapi.util import get_remote_address

COATS = {"17": "the green one", "18": "the long one"}
app = FastAPI()
limiter = Limiter(key_func=get_remote_address, key_style="endpoint")


@limiter.limit("3/hour")
def send_away(request: Request) -> NoReturn:
    raise HTTPException(404, "There is no coat for this ticket.")


@app.get("/coats/{ticket}")
async def fetch(request: Request, ticket: str) -> str:
    if ticket not in COATS:
        send_away(request)
    return COATS[ticket]
