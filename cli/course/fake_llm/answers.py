"""The bytes of an answer: a `Reply` and a request become a `Plain` or a `Stream`."""

from dataclasses import dataclass

from . import completions
from .ledger import Call
from .replies import Reply, Usage

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Plain:
    """An answer in one piece."""

    status: int
    headers: Headers
    body: bytes
    tokens: int = 0


@dataclass(frozen=True)
class Chunk:
    """One piece of streamed text."""

    frame: bytes
    tokens: int
    """Of the whole text up to the end of this chunk."""


@dataclass(frozen=True)
class Stream:
    """An answer as server-sent events, with status 200."""

    headers: Headers
    role: bytes
    chunks: tuple[Chunk, ...]
    ending: tuple[bytes, ...]
    malformed: bytes
    error: bytes


def refusal(
    call: Call, status: int, message: str | None = None, param: str | None = None, **headers: str
) -> Plain:
    """An error object that no reply asked for."""
    told = completions.error_object(status, message, param)
    return _plain(call, status, completions.as_json(told), Reply(headers=headers))


def prepare(call: Call, reply: Reply, nonce: str) -> Plain | Stream:
    """The answer to a request that passed `completions.check`."""
    if reply.body is not None:
        return _plain(call, reply.status, reply.body, reply)
    if reply.status != 200:
        return _error(call, reply, reply.status)
    if call.path == "/chat/completions" and call.stream:
        return _stream(call, reply, nonce)
    if reply.error_after is not None:
        return _error(call, reply, 500)
    body, tokens = _body(call, reply, nonce)
    if reply.malformed_after is not None:
        body = body[: len(body) // 2]
    return _plain(call, reply.status, body, reply, tokens)


def _error(call: Call, reply: Reply, status: int) -> Plain:
    told = completions.error_object(status, reply.message)
    return _plain(call, status, completions.as_json(told), reply)


def _plain(call: Call, status: int, body: bytes, reply: Reply, tokens: int = 0) -> Plain:
    kind = "application/json" if reply.body is None else reply.content_type
    if status in (204, 304):
        return Plain(status, _headers(call, reply, {}), b"")
    headers = {"content-type": kind, "content-length": str(len(body))}
    return Plain(status, _headers(call, reply, headers), body, tokens)


def _headers(call: Call, reply: Reply, headers: dict[str, str]) -> Headers:
    headers = headers | {"x-request-id": f"req_{call.number}"}
    if reply.retry_after is not None:
        headers["retry-after"] = str(reply.retry_after)
    return tuple((headers | {k.lower(): v for k, v in reply.headers.items()}).items())


def _texts(call: Call, reply: Reply, nonce: str) -> tuple[tuple[str, ...], Usage]:
    """The chunks of a reply's text, and its usage."""
    if reply.chunks is not None:
        chunks = tuple(reply.chunks)
    elif reply.text is not None:
        chunks = completions.cut_into_chunks(reply.text)
    else:
        chunks = completions.cut_into_chunks(completions.default_answer(nonce, call.prompt))
    return chunks, reply.usage or completions.usage_of(call.prompt, "".join(chunks))


def _body(call: Call, reply: Reply, nonce: str) -> tuple[bytes, int]:
    """The body of an answer in one piece, and the tokens made for it."""
    if call.path == "/embeddings":
        return completions.embeddings_body(call.body), 0
    if call.path != "/chat/completions":
        return completions.models_body(call.path), 0
    chunks, usage = _texts(call, reply, nonce)
    text = "".join(chunks)
    told = usage if reply.send_usage else None
    model = reply.model or call.body["model"]
    body = completions.chat_body(call.number, model, text, reply.finish_reason, told)
    return body, completions.count_tokens(text)


def _stream(call: Call, reply: Reply, nonce: str) -> Stream:
    texts, usage = _texts(call, reply, nonce)
    frames = completions.ChatFrames(call.number, reply.model or call.body["model"])
    ending = [frames.finish(reply.finish_reason)]
    if reply.send_usage and (call.body.get("stream_options") or {}).get("include_usage"):
        ending.append(frames.usage(usage))
    headers = {"content-type": "text/event-stream", "cache-control": "no-cache"}
    return Stream(
        headers=_headers(call, reply, headers),
        role=frames.role(),
        chunks=tuple(
            Chunk(frames.text(text), tokens)
            for text, tokens in zip(texts, completions.running_tokens(texts), strict=True)
        ),
        ending=(*ending, completions.DONE),
        malformed=frames.malformed(),
        error=completions.frame(completions.error_object(500, reply.message)),
    )
