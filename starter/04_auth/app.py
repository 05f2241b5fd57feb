"""POST /query behind a bearer token: who is asking, and how often may they ask?"""

import json
import os
import secrets
from typing import Annotated, Any, NoReturn

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import parse_many
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded
from slowapi.util import get_remote_address

from llm import ask_llm, lifespan
from query import REFUSALS, QueryRequest, QueryResponse

RATE_LIMIT = os.environ.get("RATE_LIMIT", "10/minute")
RATE_LIMIT_STORAGE = os.environ.get("RATE_LIMIT_STORAGE", "memory://")
AUTH_FAILURE_LIMIT = os.environ.get("AUTH_FAILURE_LIMIT", "20/minute")
parse_many(f"{RATE_LIMIT};{AUTH_FAILURE_LIMIT}")  # raises; slowapi would go on without a limit


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token; ends the process when there is no key at all."""
    # TODO(fail-closed): `text` should be a JSON object, token -> user. When it is anything else,
    # or has no key in it, end the process with a sentence: it names API_KEYS, so that somebody
    # can mend it, and repeats nothing of `text`, because there are tokens in it.
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict):
        keys = {}
    return {token.encode(): str(user) for token, user in keys.items()}


API_KEYS = read_api_keys(os.environ.get("API_KEYS", ""))


def user_of(token: str) -> str | None:
    """The user of a token. It is compared as bytes: a str must be ASCII for compare_digest."""
    # TODO(bearer): the user that API_KEYS has for this token; None when nobody has it.
    return "somebody"


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    # TODO(per-user): everybody has a budget of their own, whichever of their tokens they use.
    return "everybody"


# TODO(headers): let slowapi write the X-RateLimit headers. First give the route its `response`
# (below): without that, slowapi turns every answer into a 500.
# TODO(no-burst): slowapi's usual window lets up to twice the limit through at its edge.
# TODO(shared): keep the counts at RATE_LIMIT_STORAGE, and in memory while that cannot be reached.
limiter = Limiter(key_func=user_key, key_style="endpoint")


def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has; 429 once its address has tried too many."""
    # TODO(order): AUTH_FAILURE_LIMIT is for this function alone, and it counts addresses.
    raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> None:
    """Who is asking? The rest of the app finds the answer in `request.state.user`."""
    request.state.user = user_of(credentials.credentials)
    if request.state.user is None:
        refuse_token(request)


app = FastAPI(title="LLM API", lifespan=lifespan, exception_handlers=REFUSALS)


@app.exception_handler(RateLimitExceeded)
async def too_many(request: Request, error: RateLimitExceeded) -> Response:
    """Say when to come back: `view_rate_limit` is the limit that refused the request."""
    # TODO(headers): a client that is told to wait wants to know for how long. slowapi can write
    # `Retry-After` and the X-RateLimit headers into this answer.
    return JSONResponse({"detail": "Too many requests. Please wait."}, status_code=429)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    return {"status": "ok"}


# TODO(bearer): nobody gets in without a token, and the LLM is told for whom it works.
# TODO(per-user): this route has the limit RATE_LIMIT. Mind the order of the decorators.
# TODO(headers): slowapi writes its headers into a parameter called `response`, a Response.
@app.post("/query")
async def query(request: Request, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    return await ask_llm(request.state.client, body, "somebody")
