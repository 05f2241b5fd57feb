"""No framework and no metrics library: one function, dicts of numbers, and lines from print()."""
# without: workers

import asyncio
import json
import os
import re
import time
import uuid
from collections import Counter, defaultdict
from datetime import UTC, datetime

import httpx

BASE, KEY = os.environ["LLM_BASE_URL"], os.environ["LLM_API_KEY"]
MODEL = os.environ.get("LLM_MODEL", "gpt-4")
TIMEOUT = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))
BOUNDS = (0.1, 0.5, 1, 5, 30)
HTTP = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}
ROUTES = {
    ("GET", "/health"), ("GET", "/metrics"), ("GET", "/livez"), ("GET", "/readyz"),
    ("POST", "/query"), ("POST", "/stream"),
}  # fmt: skip
PATHS = {path for _, path in ROUTES}

counters = Counter()  # (name, labels) -> number
histograms = defaultdict(list)  # (name, labels) -> what was observed
state = {"in flight": 0}


def labelled(name, labels):
    inside = ",".join(f'{key}="{value}"' for key, value in labels)
    return f"{name}{{{inside}}}" if inside else name


def page():
    lines = []
    for name in ("http_requests_total", "llm_requests_total", "llm_tokens_total"):
        lines.append(f"# TYPE {name} counter")
        lines += [
            f"{labelled(name, labels)} {value}"
            for (counter, labels), value in counters.items()
            if counter == name
        ]
    for name in (
        "http_request_duration_seconds",
        "llm_request_duration_seconds",
        "llm_time_to_first_token_seconds",
    ):
        lines.append(f"# TYPE {name} histogram")
        for (histogram, labels), values in histograms.items():
            if histogram == name:
                for bound in BOUNDS:
                    within = sum(value <= bound for value in values)
                    bucket = labelled(f"{name}_bucket", (*labels, ("le", bound)))
                    lines.append(f"{bucket} {within}")
                bucket = labelled(f"{name}_bucket", (*labels, ("le", "+Inf")))
                lines.append(f"{bucket} {len(values)}")
                lines.append(f"{labelled(f'{name}_count', labels)} {len(values)}")
                lines.append(f"{labelled(f'{name}_sum', labels)} {sum(values)}")
    lines.append("# TYPE llm_requests_in_flight gauge")
    lines.append(f"llm_requests_in_flight {state['in flight']}")
    return "\n".join(lines) + "\n"


async def is_ready():
    """Ask unless somebody is asking already, and believe it for a second."""
    if "asking" not in state or (
        state["asking"].done() and time.monotonic() > state["asked_at"] + 1
    ):
        state["asked_at"] = time.monotonic()
        state["asking"] = asyncio.create_task(models_answer())
    return await asyncio.shield(state["asking"])


async def models_answer():
    try:
        answer = await asyncio.wait_for(state["client"].get("/models"), 0.9)
        return answer.status_code == 200
    except (httpx.HTTPError, TimeoutError):
        return False


class Failed(Exception):
    def __init__(self, status):
        self.status = status
        self.wait = None


async def ask(body, note, traceparent):
    """Yields texts. At the end, however it comes, the call is in the numbers."""
    state["in flight"] += 1
    model, outcome, began, first = "unknown", "cancelled", time.perf_counter(), None
    usage = {}
    try:
        async with state["client"].stream(
            "POST", "/chat/completions", json=body, headers={"traceparent": traceparent}
        ) as answer:
            if answer.status_code == 429:
                outcome = "rate_limited"
                failure = Failed(503)
                failure.wait = answer.headers.get("retry-after")
                raise failure
            if answer.status_code != 200:
                raise ValueError(answer.status_code)
            done = False
            if body["stream"]:
                rest = b""
                async for data in answer.aiter_raw():
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines:
                        if line.startswith(b"data: {"):
                            chunk = json.loads(line[6:])
                            note["model"] = model = chunk["model"]
                            usage = chunk.get("usage") or usage
                            for choice in chunk["choices"]:
                                done = done or bool(choice.get("finish_reason"))
                                if text := choice["delta"].get("content"):
                                    if first is None:
                                        first = time.perf_counter() - began
                                        observe("llm_time_to_first_token_seconds", first)
                                    yield text
            else:
                whole = json.loads(await answer.aread())
                note["model"] = model = whole["model"]
                usage, done = whole["usage"], True
                yield whole["choices"][0]["message"]["content"]
            if not done:
                raise ValueError("no end")
            outcome = "ok"
    except httpx.TimeoutException:
        outcome = "timeout"
        raise Failed(504) from None
    except (httpx.HTTPError, ValueError, KeyError, IndexError, TypeError):
        outcome = "error"
        raise Failed(502) from None
    finally:
        state["in flight"] -= 1
        note["tokens"] = usage.get("total_tokens")
        counters["llm_requests_total", (("model", model), ("outcome", outcome))] += 1
        for kind in ("prompt", "completion"):
            if usage:
                labels = (("model", model), ("kind", kind))
                counters["llm_tokens_total", labels] += usage[f"{kind}_tokens"]
        observe("llm_request_duration_seconds", time.perf_counter() - began)


def observe(name, seconds, **labels):
    histograms[name, tuple(labels.items())].append(seconds)


def read_question(raw):
    try:
        asked = json.loads(raw)
        query, model = asked["query"], asked.get("model") or MODEL
        temperature = asked.get("temperature", 0.7)
        if not (isinstance(query, str) and query.strip() and len(query) <= 8000):
            return None
        if not 0 <= float(temperature) <= 2:
            return None
    except (ValueError, KeyError, TypeError):
        return None
    messages = [{"role": "user", "content": query}]
    return {"model": model, "messages": messages, "temperature": temperature}


async def left(receive):
    while (await receive())["type"] != "http.disconnect":
        pass


async def handle(scope, receive, respond, note, traceparent):
    where = scope["method"], scope["path"]
    if scope["path"] not in PATHS:
        return await respond(404, b"nothing here")
    if where not in ROUTES:
        return await respond(405, b"not so")
    if where[1] in ("/health", "/livez"):
        return await respond(200, b'{"status": "ok"}')
    if where[1] == "/readyz":
        return await respond(200 if await is_ready() else 503, b"{}")
    if where[1] == "/metrics":
        return await respond(200, page().encode(), kind=b"text/plain; version=0.0.4")
    raw, more = b"", True
    while more:
        message = await receive()
        raw += message.get("body", b"")
        more = message.get("more_body", False)
    question = read_question(raw)
    if question is None:
        return await respond(422, b'{"detail": "What is the question?"}')
    streams = where[1] == "/stream"
    question["stream"] = streams
    if streams:
        question["stream_options"] = {"include_usage": True}
    texts = ask(question, note, traceparent)
    answering = asyncio.ensure_future(answer(texts, respond, note, streams))
    leaving = asyncio.ensure_future(left(receive))
    await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
    leaving.cancel()
    answering.cancel()
    await asyncio.wait({answering})
    await texts.aclose()
    if not answering.cancelled():
        answering.result()
    return None


async def answer(texts, respond, note, streams):
    begun = False
    try:
        async for text in texts:
            if not streams:
                said = text
            else:
                event = f"data: {json.dumps({'text': text})}\n\n".encode()
                await respond(None if begun else 200, event, kind=b"text/event-stream", more=True)
                begun = True
    except Failed as failure:
        detail = json.dumps({"detail": "The language model has failed."}).encode()
        if begun:
            return await respond(None, b"event: error\ndata: " + detail + b"\n\n")
        wait = [(b"retry-after", failure.wait.encode())] if failure.wait else []
        return await respond(failure.status, detail, more_headers=wait)
    told = {"model": note["model"], "tokens_used": note["tokens"]}
    if not streams:
        return await respond(200, json.dumps({"response": said, **told}).encode())
    event = f"event: done\ndata: {json.dumps({**told, 'finish_reason': 'stop'})}\n\n".encode()
    return await respond(None if begun else 200, event, kind=b"text/event-stream")


def random_hex(digits):
    return os.urandom(digits // 2).hex()


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        headers = {"Authorization": f"Bearer {KEY}"}
        state["client"] = httpx.AsyncClient(base_url=BASE, headers=headers, timeout=TIMEOUT)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await state["client"].aclose()
        return await send({"type": "lifespan.shutdown.complete"})
    began, note = time.perf_counter(), {"status": 0, "model": None, "tokens": None}
    sent = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
    request_id = sent.get("x-request-id", "")
    if not re.fullmatch(r"[!-~]{1,128}", request_id):
        request_id = str(uuid.uuid4())
    found = re.fullmatch(
        r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}", sent.get("traceparent", "")
    )
    usable = found and int(found[1], 16) and int(found[2], 16)
    trace_id = found[1] if usable else random_hex(32)

    async def respond(status, body, kind=b"application/json", more=False, more_headers=()):
        if status is not None:
            note["status"] = status
            headers = [(b"content-type", kind), (b"x-request-id", request_id.encode())]
            head = {"type": "http.response.start", "status": status}
            await send({**head, "headers": [*headers, *more_headers]})
        await send({"type": "http.response.body", "body": body, "more_body": more})

    try:
        traceparent = f"00-{trace_id}-{random_hex(16)}-01"
        await handle(scope, receive, respond, note, traceparent)
    finally:
        seconds = time.perf_counter() - began
        method = scope["method"] if scope["method"] in HTTP else "_"
        route = scope["path"] if scope["path"] in PATHS else "_"
        labels = (("method", method), ("route", route), ("status", note["status"]))
        counters["http_requests_total", labels] += 1
        observe("http_request_duration_seconds", seconds, route=route)
        line = {
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": "WARNING" if note["status"] >= 500 else "INFO",
            "message": f"{method} {route}",
            "request_id": request_id,
            "method": method,
            "route": route,
            "duration_ms": seconds * 1e3,
            **note,
        }
        if route in ("/query", "/stream"):
            print(json.dumps(line), flush=True)  # noqa: T201
