"""Three doorbells with a limit of two rings a minute. None of them has it."""

from fastapi import FastAPI, Request
from slowapi import Limiter
from slowapi.util import get_remote_address

app = FastAPI()
limiter = Limiter(key_func=get_remote_address)


@limiter.limit("2/minute")
@app.post("/front-door")
async def front_door(request: Request) -> str:
    return "ding"


@app.post("/back-door")
@limiter.limit("2/min")
async def back_door(request: Request) -> str:
    return "dong"


@app.post("/garage")
@limiter.limit("2/minute", key_func=lambda request: request.headers.get("X-Family", ""))
async def garage(request: Request) -> str:
    return "honk"
