"""No framework: one ASGI callable. Timeouts are retried, and a probe is a lease."""

import asyncio
import hmac
import json
import math
import os
import random
import re
import sys
import time
import uuid

import httpx

KEYS = json.loads(os.environ["API_KEYS"])
MODEL = os.environ.get("LLM_MODEL", "gpt-4")
MODELS = {name.strip() for name in os.environ.get("ALLOWED_MODELS", "").split(",")} - {""}
DEADLINE = float(os.environ.get("REQUEST_DEADLINE_SECONDS", "60"))
RESET = float(os.environ.get("BREAKER_RESET_SECONDS", "30"))
PLACES = int(os.environ.get("MAX_IN_FLIGHT", "100"))
TITLES = {401: "Who are you?", 404: "Nothing here", 405: "Not like this", 413: "Too much"}


class Answer(Exception):
    def __init__(self, status, body, **headers):
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Outage(Answer):
    """The LLM is to blame."""


class Hung(Exception):
    """The client has left."""


def sorry(status, sentence, kind=Answer, **headers):
    return kind(status, {"detail": sentence}, **headers)


def log(*words):
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


class State:
    inside = 0
    failures = 0
    closed_until = 0.0
    llm = None


state = State()


async def ask_once(payload, request_id):
    try:
        answer = await state.llm.post(
            "chat/completions", json=payload, headers={"X-Request-ID": request_id}
        )
        status, wait = answer.status_code, answer.headers.get("retry-after")
        seconds = float(wait) if wait and wait.isdigit() else 0.0
        if status == 429:
            told = {"Retry_After": wait or "5"}
            return sorry(503, "The LLM is busy.", **told), True, seconds
        if status >= 500:
            return sorry(502, "The LLM has failed.", Outage), True, seconds
        if status >= 400:
            return sorry(502, "The LLM does not want this."), False, 0.0
        said = answer.json()
        text = said["choices"][0]["message"]["content"]
        tokens = said["usage"]["total_tokens"]
        done = {"response": text, "model": said["model"], "tokens_used": tokens}
        return Answer(200, done), False, 0.0
    except httpx.TimeoutException:
        return sorry(504, "The LLM is slow.", Outage), True, 0.0
    except httpx.TransportError:
        return sorry(502, "The LLM is not there.", Outage), True, 0.0
    except (ValueError, TypeError, LookupError):
        return sorry(502, "The LLM talks nonsense.", Outage), False, 0.0


async def ask(payload, request_id):
    until = time.monotonic() + DEADLINE
    for tries in (1, 2, 3):
        left = until - time.monotonic()
        try:
            answer, again, seconds = await asyncio.wait_for(ask_once(payload, request_id), left)
        except TimeoutError:
            return sorry(504, "That takes too long.", Outage)
        wait = max(seconds, random.uniform(0.3, 0.6) * tries / 2)
        if not again or tries == 3 or time.monotonic() + wait > until:
            return answer
        await asyncio.sleep(wait)
    raise AssertionError


def guarded():
    """Go on, or 503. Whoever is let through after the wait pushes the next probe away."""
    if state.failures < 5:
        return
    left = state.closed_until - time.monotonic()
    if left > 0:
        raise sorry(503, "The LLM is down.", Retry_After=str(math.ceil(left)))
    state.closed_until = time.monotonic() + RESET


def learn(answer):
    if isinstance(answer, Outage):
        state.failures += 1
        state.closed_until = time.monotonic() + RESET
    elif answer.status == 200:
        state.failures = 0


async def body_of(receive, headers):
    if int(headers.get(b"content-length", b"0")) > 65536:
        raise sorry(413, "At most 64 KiB, please.")
    content, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Hung
        content, more = content + message.get("body", b""), message.get("more_body", False)
        if len(content) > 65536:
            raise sorry(413, "At most 64 KiB, please.")
    return content


def checked(content):
    try:
        asked = json.loads(content)
    except (ValueError, RecursionError):
        raise sorry(422, "The body is no JSON.") from None
    if not isinstance(asked, dict):
        raise sorry(422, "The body is no object.")
    query, warmth = asked.get("query"), asked.get("temperature", 0.7)
    model = asked.get("model", MODEL)
    if not isinstance(query, str) or not query.strip() or len(query) > 8000:
        raise sorry(422, "query: a text of 1 to 8,000 characters, not blank")
    if isinstance(warmth, bool) or not isinstance(warmth, int | float) or not 0 <= warmth <= 2:
        raise sorry(422, "temperature: a number from 0 to 2")
    if not isinstance(model, str) or (MODELS and model not in MODELS):
        raise sorry(422, f"model: one of {sorted(MODELS)}" if MODELS else "model: a text")
    messages = [{"role": "user", "content": query}]
    return {"model": model, "messages": messages, "temperature": warmth, "stream": False}


async def gone(receive):
    while (await receive())["type"] != "http.disconnect":
        pass


async def query(receive, headers, request_id):
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    known = any(hmac.compare_digest(token, each.encode()) for each in KEYS)
    if scheme.lower() != b"bearer" or not known:
        raise sorry(401, "A token of yours is missing.", WWW_Authenticate="Bearer")
    payload = checked(await body_of(receive, headers))
    if state.inside >= PLACES:
        raise sorry(503, "Too many at once.", Retry_After="2")
    state.inside += 1
    try:
        guarded()
        tasks = {asyncio.create_task(ask(payload, request_id)), asyncio.create_task(gone(receive))}
        done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        answer = next((task.result() for task in done if task.result()), None)
        if answer is None:
            raise Hung
        learn(answer)
        return answer
    finally:
        state.inside -= 1


async def lifespan(receive, send):
    await receive()
    async with httpx.AsyncClient(
        base_url=os.environ["LLM_BASE_URL"] + "/",
        headers={"Authorization": "Bearer " + os.environ["LLM_API_KEY"]},
        timeout=float(os.environ.get("LLM_TIMEOUT_SECONDS", "30")),
        limits=httpx.Limits(max_connections=None),
    ) as state.llm:
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def answer_to(scope, receive, headers, request_id):
    path, method = scope["path"], scope["method"]
    try:
        if path == "/health" and method == "GET":
            return Answer(200, {"status": "ok"})
        if path == "/debug/crash":
            raise RuntimeError(f"{os.environ['LLM_API_KEY']} is not accepted")
        if path == "/query" and method == "POST":
            return await query(receive, headers, request_id)
        if path == "/query":
            raise sorry(405, "Only POST.", Allow="POST")
        raise sorry(404, "There is nothing here.")
    except Answer as refusal:
        return refusal
    except Hung:
        raise
    except Exception as error:
        log("crash", request_id, type(error).__name__)
        return sorry(500, "That is our fault.")


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return await lifespan(receive, send)
    headers = dict(scope["headers"])
    request_id = headers.get(b"x-request-id", b"").decode("latin-1")
    if not re.fullmatch("[\x21-\x7e]{1,128}", request_id):
        request_id = str(uuid.uuid4())
    try:
        answer = await answer_to(scope, receive, headers, request_id)
    except Hung:
        return None
    log("answered", request_id, answer.status)
    kind, content = "application/json", answer.body
    if answer.status >= 400:
        kind = "application/problem+json; charset=utf-8"
        content = {
            "type": f"/problems/{answer.status}",
            "title": TITLES.get(answer.status, "It did not work"),
            "status": answer.status,
            "request_id": request_id,
            "instance": scope["path"],
            **answer.body,
        }
    sent = {"content-type": kind, "x-request-id": request_id, **answer.headers}
    pairs = [(name.lower().encode(), value.encode()) for name, value in sent.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})
    return None
