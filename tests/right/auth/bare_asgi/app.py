"""No framework: one ASGI callable; `limits.aio` counts, in Redis or in memory."""

import hashlib
import json
import math
import os
import sys
import time

import httpx
from limits import parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError

MODEL = os.environ.get("LLM_MODEL", "gpt-4")
LIMIT = parse(os.environ.get("RATE_LIMIT", "10/minute"))
GUESSES = parse(os.environ.get("AUTH_FAILURE_LIMIT", "20/minute"))
STORAGE = os.environ.get("RATE_LIMIT_STORAGE", "memory://")


def digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


def users_by_digest():
    try:
        keys = json.loads(os.environ["API_KEYS"])
        found = {digest(token.encode()): user for token, user in keys.items()}
    except (KeyError, ValueError, AttributeError):
        found = {}
    if not found:
        sys.exit("Set API_KEYS to a JSON object with a user for each token.")
    return found


USERS = users_by_digest()


class Counter:
    """Counts at the storage asked for, and at home while that one fails."""

    def __init__(self):
        self.home = MovingWindowRateLimiter(MemoryStorage())
        self.away = None
        if STORAGE.startswith("redis"):
            storage = RedisStorage(
                "async+" + STORAGE, implementation="redispy", wrap_exceptions=True, socket_timeout=1
            )
            self.away = MovingWindowRateLimiter(storage)

    async def hit(self, limit, *key):
        """Whether there was room; seconds until there is; calls left; when the window is empty."""
        for counter in (self.away, self.home):
            if counter is None:
                continue
            try:
                room = await counter.hit(limit, *key)
                reset, left = await counter.get_window_stats(limit, *key)
                return room, max(1, math.ceil(reset - time.time())), left, reset
            except (StorageError, OSError):
                continue
        raise AssertionError("the memory has failed")


counter = Counter()
llm = None


class Answer(Exception):
    def __init__(self, status, body, headers=()):
        self.status, self.body, self.headers = status, body, dict(headers)


def problem(status, sentence, **headers):
    return Answer(status, {"detail": sentence}, headers)


async def user_of(scope):
    sent = dict(scope["headers"]).get(b"authorization", b"")
    scheme, _, token = sent.partition(b" ")
    user = USERS.get(digest(token)) if scheme.lower() == b"bearer" else None
    if user is not None:
        return user
    room, seconds, _, _ = await counter.hit(GUESSES, "guesses", scope["client"][0])
    if room:
        raise Answer(401, {"detail": "Who are you?"}, {"WWW-Authenticate": 'Bearer realm="llm"'})
    raise Answer(429, {"detail": "No more guesses, please."}, {"Retry-After": str(seconds)})


async def body_of(receive):
    content, more = b"", True
    while more:
        message = await receive()
        content, more = content + message.get("body", b""), message.get("more_body", False)
    return content


def checked(content):
    try:
        asked = json.loads(content)
        fits = isinstance(asked["query"], str) and 0 < len(asked["query"].strip()) <= 8000
    except (ValueError, TypeError, LookupError):
        fits = False
    if not fits:
        raise problem(422, "A query has 1 to 8000 characters.")
    return asked


async def complete(asked, user):
    payload = {
        "user": user,
        "model": asked.get("model", MODEL),
        "messages": [{"role": "user", "content": asked["query"]}],
        "temperature": asked.get("temperature", 0.7),
    }
    try:
        answer = await llm.post("chat/completions", json=payload)
        if answer.status_code == 429:
            wait = answer.headers.get("retry-after", "5")
            raise Answer(503, {"detail": "The LLM is busy."}, {"Retry-After": wait})
        answer.raise_for_status()
        said = answer.json()
        return {
            "response": said["choices"][0]["message"]["content"],
            "model": said["model"],
            "tokens_used": said["usage"]["total_tokens"],
        }
    except httpx.TimeoutException:
        raise problem(504, "The LLM is slow.") from None
    except (httpx.HTTPError, ValueError, TypeError, LookupError):
        raise problem(502, "The LLM has failed.") from None


async def query(scope, receive):
    user = await user_of(scope)
    room, seconds, left, reset = await counter.hit(LIMIT, "query", user)
    headers = {
        "X-RateLimit-Limit": str(LIMIT.amount),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": str(math.ceil(reset)),
    }
    if not room:
        raise Answer(429, {"detail": "Slow down."}, {**headers, "Retry-After": str(seconds)})
    return Answer(200, await complete(checked(await body_of(receive)), user), headers)


async def lifespan(receive, send):
    global llm
    await receive()
    async with httpx.AsyncClient(
        base_url=os.environ["LLM_BASE_URL"] + "/",
        headers={"Authorization": "Bearer " + os.environ["LLM_API_KEY"]},
        timeout=float(os.environ.get("LLM_TIMEOUT_SECONDS", "30")),
    ) as llm:
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return await lifespan(receive, send)
    try:
        match scope["method"], scope["path"]:
            case "GET", "/health":
                answer = Answer(200, {"status": "ok"})
            case "POST", "/query":
                answer = await query(scope, receive)
            case _:
                answer = problem(404, "There is nothing here.")
    except Answer as refusal:
        answer = refusal
    headers = {"Content-Type": "application/json", **answer.headers}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": json.dumps(answer.body).encode()})
    return None
