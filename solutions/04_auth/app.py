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
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict) or not keys:
        raise SystemExit('API_KEYS must be a JSON object such as {"<token>": "<user>"}.')
    return {token.encode(): str(user) for token, user in keys.items()}


API_KEYS = read_api_keys(os.environ.get("API_KEYS", ""))


def user_of(token: str) -> str | None:
    """The user of a token. It is compared as bytes: a str must be ASCII for compare_digest."""
    sent = token.encode()
    users = [user for known, user in API_KEYS.items() if secrets.compare_digest(sent, known)]
    return users[0] if users else None


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return f"user {request.state.user}"


limiter = Limiter(
    key_func=user_key,
    key_style="endpoint",
    strategy="moving-window",
    headers_enabled=True,
    storage_uri=RATE_LIMIT_STORAGE,
    storage_options=dict[str, Any](socket_timeout=0.5, socket_connect_timeout=0.5),
    in_memory_fallback_enabled=True,
    swallow_errors=True,  # for calls under way when Redis goes: their headers cannot be written
)


@limiter.limit(AUTH_FAILURE_LIMIT, key_func=get_remote_address)
def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has; 429 once its address has tried too many."""
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
    answer = JSONResponse({"detail": "Too many requests. Please wait."}, status_code=429)
    return limiter._inject_headers(answer, request.state.view_rate_limit)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    return {"status": "ok"}


@app.post("/query", dependencies=[Depends(authenticate)])
@limiter.limit(RATE_LIMIT)
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    return await ask_llm(request.state.client, body, request.state.user)
