"""A vendor's client for the LLM, older than asyncio: `complete` blocks until it has the answer."""

import json
import os
import urllib.request
from http.client import HTTPException
from typing import Any

LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "http://127.0.0.1:8001/v1")
LLM_API_KEY = os.environ.get("LLM_API_KEY", "no-key")
LLM_TIMEOUT_SECONDS = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))


class LegacyError(Exception):
    """The call failed. The text is for the log: it has the URL and what was received."""


def complete(prompt: str, *, model: str, temperature: float) -> dict[str, Any]:
    """Ask the LLM and wait: `{"text": ..., "model": ..., "tokens": ...}`, or LegacyError."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": temperature,
        "stream": False,
    }
    request = urllib.request.Request(
        f"{LLM_BASE_URL}/chat/completions",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {LLM_API_KEY}", "Content-Type": "application/json"},
    )
    received = b""
    try:
        with urllib.request.urlopen(request, timeout=LLM_TIMEOUT_SECONDS) as answer:
            received = answer.read()
        completion = json.loads(received)
        return {
            "text": completion["choices"][0]["message"]["content"],
            "model": completion["model"],
            "tokens": completion["usage"]["total_tokens"],
        }
    except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
        raise LegacyError(f"POST {request.full_url}: {error!r}, received {received!r}") from error
