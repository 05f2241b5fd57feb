"""slowapi around a dependency instead of the route; settings by pydantic; own 429 handler."""

import hmac
import math
import time
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded


class Settings(BaseSettings):
    model_config = SettingsConfigDict(hide_input_in_errors=True)

    api_keys: dict[str, str] = Field(min_length=1)
    rate_limit: str = "10/minute"
    auth_failure_limit: str = "20/minute"
    rate_limit_storage: str = "memory://"
    llm_base_url: str
    llm_api_key: str
    llm_model: str = "gpt-4"
    llm_timeout_seconds: float = 30


settings = Settings()
optional_bearer = HTTPBearer(auto_error=False)
limiter = Limiter(
    lambda request: f"user {request.state.user}",
    strategy="moving-window",
    storage_uri=settings.rate_limit_storage,
    in_memory_fallback_enabled=True,
    headers_enabled=True,
)


@limiter.limit(settings.auth_failure_limit, key_func=lambda request: request.client.host)
def count_guess(request: Request, response: Response) -> None:
    """Refuse with 429 when this address has guessed too often."""


async def user(
    request: Request,
    sent: Annotated[HTTPAuthorizationCredentials | None, Depends(optional_bearer)],
) -> str:
    token = sent.credentials.encode("latin-1") if sent else b""
    for known, name in settings.api_keys.items():
        if hmac.compare_digest(known.encode(), token):
            request.state.user = name
            return name
    count_guess(request=request, response=Response())
    raise HTTPException(401, "Unauthorized", {"WWW-Authenticate": "Bearer"})


@limiter.limit(settings.rate_limit)
async def gate(request: Request, response: Response, name: Annotated[str, Depends(user)]) -> str:
    return name


class Question(BaseModel):
    query: str = Field(max_length=8000, pattern=r"\S")
    model: str = settings.llm_model
    temperature: float = Field(0.7, ge=0, le=2, allow_inf_nan=False)


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with httpx.AsyncClient(
        base_url=settings.llm_base_url, timeout=settings.llm_timeout_seconds
    ) as app.state.llm:
        yield


router = APIRouter()


@router.post("/query")
async def query(question: Question, request: Request, name: Annotated[str, Depends(gate)]) -> dict:
    try:
        answer = await request.app.state.llm.post(
            "/chat/completions",
            headers={"Authorization": f"Bearer {settings.llm_api_key}"},
            json={
                "model": question.model,
                "messages": [{"role": "user", "content": question.query}],
                "temperature": question.temperature,
                "stream": False,
                "user": name,
            },
        )
    except httpx.TimeoutException:
        raise HTTPException(504, "The LLM took too long.") from None
    except httpx.HTTPError:
        raise HTTPException(502, "The LLM is not there.") from None
    if answer.status_code == 429:
        wait = answer.headers.get("Retry-After", "10")
        raise HTTPException(503, "The LLM is busy.", {"Retry-After": wait})
    try:
        said = answer.raise_for_status().json()
        return {
            "response": said["choices"][0]["message"]["content"],
            "model": said["model"],
            "tokens_used": said["usage"]["total_tokens"],
        }
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        raise HTTPException(502, "The LLM failed.") from None


app = FastAPI(lifespan=lifespan)
app.state.limiter = limiter
app.include_router(router)


@app.exception_handler(RateLimitExceeded)
async def slow_down(request: Request, error: RateLimitExceeded) -> JSONResponse:
    limit, keys = request.state.view_rate_limit
    reset, left = limiter.limiter.get_window_stats(limit, *keys)
    return JSONResponse(
        {"error": "slow_down"},
        429,
        {
            "Retry-After": str(max(1, math.ceil(reset - time.time()))),
            "X-RateLimit-Limit": str(limit.amount),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": str(math.ceil(reset)),
        },
    )


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}
