"""No FastAPI: JSON parsed by hand, checks in one function, OpenAPI written as a literal."""

import json
import math
import os
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

MODEL = os.environ.get("LLM_MODEL", "gpt-4")

REQUEST_SCHEMA = {
    "type": "object",
    "required": ["query"],
    "properties": {
        "query": {"type": "string", "minLength": 1, "maxLength": 8000},
        "model": {"type": "string", "default": MODEL},
        "temperature": {"type": "number", "minimum": 0, "maximum": 2, "default": 0.7},
    },
}
RESPONSE_SCHEMA = {
    "type": "object",
    "required": ["response", "model", "tokens_used"],
    "properties": {
        "response": {"type": "string"},
        "model": {"type": "string"},
        "tokens_used": {"type": "integer"},
    },
}
OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "LLM API", "version": "1"},
    "components": {"schemas": {"QueryRequest": REQUEST_SCHEMA, "QueryResponse": RESPONSE_SCHEMA}},
    "paths": {
        "/query": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/QueryRequest"},
                            "example": {"query": "How deep is the sea?", "temperature": 0},
                        }
                    },
                },
                "responses": {
                    "200": {
                        "description": "The answer",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/QueryResponse"}
                            }
                        },
                    },
                    "422": {"description": "Not a valid request"},
                    "502": {"description": "The LLM failed"},
                    "503": {"description": "The LLM is busy"},
                    "504": {"description": "The LLM is too slow"},
                },
            }
        }
    },
}


class Refused(Exception):
    """The request breaks a rule."""


class Failed(Exception):
    """The LLM's answer cannot be used."""


def not_json(word):
    raise Refused(f"{word[:9]} is not JSON")


def checked(raw):
    """The payload for the LLM from the body of a request."""
    try:
        body = json.loads(raw, parse_constant=not_json)
    except ValueError:
        raise Refused("the body is not JSON") from None
    if not isinstance(body, dict) or set(body) - {"query", "model", "temperature"}:
        raise Refused("the body must be an object with query, model and temperature")
    query, model = body.get("query"), body.get("model", MODEL)
    temperature = body.get("temperature", 0.7)
    if not isinstance(query, str) or not query.strip() or len(query) > 8000:
        raise Refused("query must be text of 1 to 8000 characters")
    if not isinstance(model, str):
        raise Refused("model must be text")
    if isinstance(temperature, bool) or not isinstance(temperature, int | float):
        raise Refused("temperature must be a number")
    if not math.isfinite(temperature) or not 0 <= temperature <= 2:
        raise Refused("temperature must be from 0 to 2")
    system = {"role": "system", "content": "Answer in one paragraph."}
    return {
        "model": model,
        "temperature": temperature,
        "messages": [system, {"role": "user", "content": query}],
    }


def failure(status, sentence, headers=None):
    return JSONResponse({"detail": sentence}, status, headers)


def unpacked(answer):
    """The caller's answer from the LLM's; anything unexpected in it is a Failed."""
    try:
        completion = answer.json()
        return {
            "response": completion["choices"][0]["message"]["content"] or "",
            "model": completion["model"],
            "tokens_used": completion["usage"]["total_tokens"],
        }
    except (ValueError, TypeError, LookupError):
        raise Failed from None


async def query(request):
    try:
        payload = checked(await request.body())
    except Refused as error:
        return JSONResponse({"detail": str(error)}, 422)
    try:
        answer = await request.app.state.llm.post("chat/completions", json=payload)
        if answer.status_code == 429:
            wait = answer.headers.get("retry-after", "5")
            return failure(503, "The LLM has too much to do.", {"Retry-After": wait})
        if answer.status_code != 200:
            raise Failed
        return JSONResponse(unpacked(answer))
    except httpx.TimeoutException:
        return failure(504, "The LLM did not answer in time.")
    except (httpx.TransportError, Failed):
        return failure(502, "The LLM is out of order.")


async def health(request):
    return JSONResponse({"status": "ok"})


async def openapi(request):
    return JSONResponse(OPENAPI)


@asynccontextmanager
async def lifespan(app):
    app.state.llm = httpx.AsyncClient(
        base_url=os.environ["LLM_BASE_URL"] + "/",
        headers={"Authorization": "Bearer " + os.environ["LLM_API_KEY"]},
        timeout=float(os.environ.get("LLM_TIMEOUT_SECONDS", "30")),
    )
    yield
    await app.state.llm.aclose()


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/query", query, methods=["POST"]),
        Route("/health", health),
        Route("/openapi.json", openapi),
    ],
)
