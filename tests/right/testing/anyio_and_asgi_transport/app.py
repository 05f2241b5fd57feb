"""Plain Starlette, with a schema that somebody has written by hand."""

import json
import math
import os
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

USERS = json.loads(os.environ["API_KEYS"])
TIMEOUT = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))


@asynccontextmanager
async def lifespan(app):
    headers = {"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"}
    url = os.environ["LLM_BASE_URL"]
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT) as app.state.llm:
        yield


def said(status, detail, **headers):
    return JSONResponse({"detail": detail}, status, headers)


def problem_with(body):
    if not isinstance(body, dict):
        return "the body must be an object"
    query, temperature = body.get("query"), body.get("temperature", 0.7)
    if not isinstance(query, str) or not query.strip() or len(query) > 8000:
        return "query must be a text of 1 to 8000 characters that is not blank"
    if not isinstance(body.get("model", ""), str):
        return "model must be a text"
    if isinstance(temperature, bool) or not isinstance(temperature, int | float):
        return "temperature must be a number"
    if not math.isfinite(temperature) or not 0 <= temperature <= 2:
        return "temperature must be from 0 to 2"
    return ""


async def query(request):
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token not in USERS:
        return said(401, "Nobody has this token.", **{"WWW-Authenticate": "Bearer"})
    try:
        body = json.loads(await request.body())
    except ValueError:
        return said(422, "The body must be JSON.")
    if problem := problem_with(body):
        return said(422, f"This cannot be asked: {problem}.")
    payload = {
        "model": body.get("model", os.environ.get("LLM_MODEL", "gpt-4")),
        "messages": [{"role": "user", "content": body["query"]}],
        "temperature": body.get("temperature", 0.7),
        "user": USERS[token],
    }
    return await answer(request.app.state.llm, payload)


async def answer(llm, payload):
    try:
        heard = await llm.post("/chat/completions", json=payload)
    except httpx.TimeoutException:
        return said(504, "The language model is too slow.")
    except httpx.HTTPError:
        return said(502, "The language model is not there.")
    if heard.status_code == 429:
        wait = heard.headers.get("Retry-After")
        return said(503, "The language model is busy.", **({"Retry-After": wait} if wait else {}))
    try:
        completion = heard.raise_for_status().json()
        text = completion["choices"][0]["message"]["content"]
        tokens = completion["usage"]["total_tokens"]
        return JSONResponse({"response": text, "model": completion["model"], "tokens_used": tokens})
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return said(502, "The language model cannot be understood.")


async def health(request):
    return JSONResponse({"status": "ok"})


def answered(description, **properties):
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


TEXT = {"type": "string"}
SCHEMA = {
    "openapi": "3.0.3",
    "info": {"title": "LLM API", "version": "1"},
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "security": [{"token": []}],
    "paths": {
        "/health": {
            "get": {
                "summary": "Whether this process is alive",
                "security": [],
                "responses": {"200": answered("It is.", status=TEXT)},
            }
        },
        "/query": {
            "post": {
                "description": "One question, one answer.",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "example": {"query": "Why is the sky blue?"},
                            "schema": {
                                "type": "object",
                                "required": ["query"],
                                "properties": {
                                    "query": {**TEXT, "minLength": 1, "maxLength": 8000},
                                    "model": TEXT,
                                    "temperature": {"type": "number", "minimum": 0, "maximum": 2},
                                },
                            },
                        }
                    },
                },
                "responses": {
                    "200": answered(
                        "The answer.", response=TEXT, model=TEXT, tokens_used={"type": "integer"}
                    ),
                    "401": answered("Nobody has the token.", detail=TEXT),
                    "422": answered("It cannot be asked.", detail=TEXT),
                    "502": answered("The LLM failed.", detail=TEXT),
                    "503": answered("The LLM is busy.", detail=TEXT),
                    "504": answered("The LLM is too slow.", detail=TEXT),
                },
            }
        },
    },
}


async def schema(request):
    return JSONResponse(SCHEMA)


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/query", query, methods=["POST"]),
        Route("/openapi.json", schema),
    ],
    lifespan=lifespan,
)
