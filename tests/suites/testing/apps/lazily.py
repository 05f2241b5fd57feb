"""A right app in another style: threads, and a client that is made when it is first needed."""

import hmac
import json
import os
from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI, Header
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, field_validator

app = FastAPI(title="LLM API")
API_KEYS = {token.encode(): user for token, user in json.loads(os.environ["API_KEYS"]).items()}


class Problem(Exception):
    def __init__(self, status: int, detail: str, **headers: str) -> None:
        self.answer = JSONResponse(
            {"detail": detail},
            status,
            {name.replace("_", "-"): value for name, value in headers.items()},
        )


class Asked(BaseModel):
    query: str
    model: str = os.environ["LLM_MODEL"]
    temperature: float = 0.7

    @field_validator("query")
    @classmethod
    def something_is_asked(cls, query: str) -> str:
        if not query.strip() or len(query) > 8000:
            raise ValueError("must be 1 to 8000 characters, and not blank")
        return query

    @field_validator("temperature")
    @classmethod
    def in_range(cls, temperature: float) -> float:
        if not 0 <= temperature <= 2:
            raise ValueError("must be from 0 to 2")
        return temperature


@app.exception_handler(Problem)
def say(_: object, problem: Problem) -> JSONResponse:
    return problem.answer


@app.exception_handler(RequestValidationError)
def invalid(_: object, error: RequestValidationError) -> JSONResponse:
    said = [{"loc": e["loc"], "msg": e["msg"], "type": e["type"]} for e in error.errors()]
    return JSONResponse({"detail": said}, 422)


@cache
def llm() -> httpx.Client:
    return httpx.Client(
        base_url=os.environ["LLM_BASE_URL"],
        headers={"authorization": f"Bearer {os.environ['LLM_API_KEY']}"},
        timeout=httpx.Timeout(float(os.environ["LLM_TIMEOUT_SECONDS"])),
    )


def user_of(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    sent = token.strip().encode()
    for known, user in API_KEYS.items():
        if scheme.lower() == "bearer" and hmac.compare_digest(known, sent):
            return user
    raise Problem(401, "Please send a token that we know.", WWW_Authenticate="Bearer")


def ask(body: Asked, user: str) -> httpx.Response:
    messages = [{"content": body.query, "role": "user"}]
    payload = {"user": user, "stream": False, "messages": messages, **body.model_dump()}
    del payload["query"]
    try:
        return llm().post("chat/completions", json=payload)
    except httpx.TimeoutException:
        raise Problem(504, "No answer came in time.") from None
    except httpx.RequestError:
        raise Problem(502, "There is no way to the language model.") from None


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/query")
def query(body: Asked, authorization: str = Header(default="")) -> dict[str, Any]:
    answer = ask(body, user_of(authorization))
    if answer.status_code == 429 and "Retry-After" in answer.headers:
        raise Problem(503, "Too much to do.", Retry_After=answer.headers["Retry-After"])
    if answer.status_code == 429:
        raise Problem(503, "Too much to do.")
    try:
        answer.raise_for_status()
        completion = answer.json()
        text = completion["choices"][0]["message"]["content"]
        tokens = completion["usage"]["total_tokens"]
        return {"response": text, "model": completion["model"], "tokens_used": tokens}
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        raise Problem(502, "The language model did not answer well.") from None
