"""A doorbell with a limit for each family: two rings a minute, and it says when it rings again."""

from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request, Response
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded


def family_key(request: Request) -> str:
    return f"family {request.state.family}"


limiter = Limiter(key_func=family_key, headers_enabled=True)
app = FastAPI()
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)


async def who_rings(request: Request, x_family: Annotated[str, Header()]) -> None:
    request.state.family = x_family.lower()


@app.post("/bell", dependencies=[Depends(who_rings)])
@limiter.limit("2/minute")
async def bell(request: Request, response: Response) -> str:
    return f"It is for the {request.state.family}s."
