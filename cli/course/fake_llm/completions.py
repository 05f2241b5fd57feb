"""The words of the fake LLM: request checks, answers, token counts and the JSON of OpenAI's API."""

import base64
import json
import math
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

from .replies import Usage

MODELS = ("gpt-4", "gpt-4o-mini", "text-embedding-3-small")
EMBEDDING_DIMENSIONS = 256
MOST_INPUTS = 2048
MOST_NUMBERS = 512 * 1024
FIRST_SECOND = 1_700_000_000
"""`created` counts calls from here, so that equal runs give equal bytes."""

_PIECE = re.compile(r"\w+|[^\w\s]")
_CHUNK = re.compile(r"\s*\S+(?:\s+\Z)?|\s+")

_OPENINGS = (
    "That is a good question for a stand-in like me.",
    "Let me think about that, one word at a time.",
    "Nobody has rehearsed this answer as often as I have.",
    "I will say this the same way every time you ask.",
)
_ADVICE = (
    "Start small, measure before you tune, and keep every promise your interface makes.",
    "Whatever you build on me, set a timeout, count the tokens and expect me to fail.",
    "Ask clearly, check what comes back, and never wait for anyone without a limit.",
    "Streams break, networks stall and users leave, and a good service is ready for all three.",
)


class BadRequest(Exception):
    """A request that OpenAI's API would refuse."""

    def __init__(self, message: str, param: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.status = status


def count_tokens(text: str) -> int:
    """One for each word (letters, digits, underscores) and one for each other visible character."""
    return sum(1 for _ in _PIECE.finditer(text))


def running_tokens(texts: Iterable[str]) -> Iterator[int]:
    """For each text the tokens of all texts up to it, as if they were one."""
    tokens = 0
    before = ""
    for text in texts:
        tokens += count_tokens(before[-1:] + text) - count_tokens(before[-1:])
        before = text or before
        yield tokens


def usage_of(prompt: str, answer: str) -> Usage:
    """The usage of a call: only the prompt is counted of what was sent, and the whole answer."""
    return Usage(count_tokens(prompt), count_tokens(answer))


def cut_into_chunks(text: str) -> tuple[str, ...]:
    """The text cut after each word, joined the text again: `"one two "` is `("one", " two ")`."""
    return tuple(_CHUNK.findall(text))


def default_answer(nonce: str, prompt: str) -> str:
    """A readable text of 20 to 50 words that depends on nothing but the nonce and the prompt."""
    shown = " ".join(prompt.split())
    if len(shown) > 60:
        shown = shown[:60].rsplit(" ", 1)[0] + " ..."
    mark = blake2b(f"{nonce}\0{prompt}".encode("utf-8", "surrogatepass"), digest_size=4).digest()
    opening = _OPENINGS[mark[0] % len(_OPENINGS)]
    advice = _ADVICE[mark[1] % len(_ADVICE)]
    lead = f"{nonce}: " if nonce else ""
    return f'{lead}You asked: "{shown}" {opening} {advice} ({mark.hex()})'


def text_of(content: Any) -> str:
    """The text of a message: a string, or the text parts of a list."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return ""


def prompt_of(body: Any) -> str:
    """The prompt of any request, valid or not: the last user message, or an embedding's input."""
    if not isinstance(body, dict):
        return ""
    messages = body.get("messages")
    if isinstance(messages, list):
        contents = [
            (message.get("role"), message.get("content"))
            for message in messages
            if isinstance(message, dict)
        ]
        users = [content for role, content in contents if role == "user"]
        return text_of((users or [content for _, content in contents] or [""])[-1])
    return "\n".join(_inputs(body.get("input")) or ())


def _inputs(given: Any) -> list[str] | None:
    """The texts of `input`: a text, texts, token numbers or lists of those; None for the rest."""
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list) or not given:
        return None
    if all(isinstance(item, str) for item in given):
        return given
    rows = given if all(isinstance(item, list) for item in given) else [given]
    if all(isinstance(token, int) for row in rows for token in row):
        return [" ".join(map(str, row)) for row in rows]
    return None


def check(path: str, body: Any) -> None:
    """Raise BadRequest for a request that cannot be answered."""
    if path == "/chat/completions":
        _check_model(body)
        _check_chat(body)
    elif path == "/embeddings":
        _check_model(body)
        _check_embeddings(body)
    elif path.startswith("/models/") and path.removeprefix("/models/") not in MODELS:
        raise BadRequest("There is no such model.", "model", status=404)


def _check_model(body: Any) -> None:
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise BadRequest("You must provide a 'model'.", "model")


def _check_chat(body: Any) -> None:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequest("'messages' must be a list with at least one message.", "messages")
    for message in messages:
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise BadRequest("Each message must be an object with a 'role'.", "messages")
        if not isinstance(message.get("content"), str | list | None):
            raise BadRequest("A message's 'content' must be a string or a list.", "messages")
    if not isinstance(body.get("stream"), bool | None):
        raise BadRequest("'stream' must be true or false.", "stream")
    if not isinstance(body.get("stream_options"), dict | None):
        raise BadRequest("'stream_options' must be an object.", "stream_options")


def _check_embeddings(body: Any) -> None:
    texts = _inputs(body.get("input"))
    if texts is None or len(texts) > MOST_INPUTS:
        raise BadRequest(f"'input' must be a text or a list of 1 to {MOST_INPUTS} texts.", "input")
    dimensions = body.get("dimensions") or EMBEDDING_DIMENSIONS
    if not isinstance(dimensions, int) or not 1 <= dimensions * len(texts) <= MOST_NUMBERS:
        raise BadRequest(f"'dimensions' times inputs must be 1 to {MOST_NUMBERS}.", "dimensions")
    if body.get("encoding_format") not in (None, "float", "base64"):
        raise BadRequest("'encoding_format' must be 'float' or 'base64'.", "encoding_format")


def chat_body(number: int, model: str, text: str, finish_reason: str, usage: Usage | None) -> bytes:
    """A `chat.completion`."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}
    completion = _chat(number, "chat.completion", model, [choice])
    return as_json(completion | ({"usage": usage_object(usage)} if usage else {}))


class ChatFrames:
    """The server-sent events of one streamed completion, as bytes."""

    def __init__(self, number: int, model: str) -> None:
        self._number = number
        self._model = model

    def _frame(self, delta: dict[str, str], finish_reason: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._event([choice])

    def _event(self, choices: list[Any], **more: Any) -> bytes:
        return frame(_chat(self._number, "chat.completion.chunk", self._model, choices) | more)

    def role(self) -> bytes:
        return self._frame({"role": "assistant", "content": ""}, None)

    def text(self, text: str) -> bytes:
        return self._frame({"content": text}, None)

    def finish(self, reason: str) -> bytes:
        return self._frame({}, reason)

    def usage(self, usage: Usage) -> bytes:
        return self._event([], usage=usage_object(usage))

    def malformed(self) -> bytes:
        return self.text("lost")[:-20] + b"\n\n"


DONE = b"data: [DONE]\n\n"


def _chat(number: int, kind: str, model: str, choices: list[Any]) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{number}",
        "object": kind,
        "created": FIRST_SECOND + number,
        "model": model,
        "choices": choices,
    }


def frame(value: Any) -> bytes:
    """One server-sent event that carries JSON."""
    return b"data: " + as_json(value) + b"\n\n"


def usage_object(usage: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }


def embeddings_body(body: Any) -> bytes:
    """The vectors for the `input` of a request that was checked."""
    texts = _inputs(body["input"]) or []
    dimensions = body.get("dimensions") or EMBEDDING_DIMENSIONS
    form = body.get("encoding_format") or "float"
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": _encoded(embed(text, dimensions), form),
        }
        for index, text in enumerate(texts)
    ]
    tokens = sum(map(count_tokens, texts))
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return as_json({"object": "list", "data": data, "model": body["model"], "usage": usage})


def embed(text: str, dimensions: int = EMBEDDING_DIMENSIONS) -> list[float]:
    """A vector of length 1 from the text's words, so that texts that share words are near.

    Each different word adds its number of letters to one place, with a sign, both by its hash.
    """
    vector = [0.0] * dimensions
    for place, sign, word in _hashed(text, dimensions):
        vector[place] += sign * len(word)
    length = math.sqrt(sum(number * number for number in vector))
    if not length:
        return [1.0] + [0.0] * (dimensions - 1)
    return [number / length for number in vector]


def _hashed(text: str, dimensions: int) -> Iterator[tuple[int, int, str]]:
    for word in sorted(set(_PIECE.findall(text.lower()))):
        digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        yield int.from_bytes(digest[:7], "big") % dimensions, 1 if digest[7] & 1 else -1, word


def _encoded(vector: Sequence[float], form: str) -> str | list[float]:
    if form == "base64":
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    return [round(number, 7) for number in vector]


def models_body(path: str) -> bytes:
    """The list of models, or the one that a path such as `/models/gpt-4` names."""
    if path == "/models":
        return as_json({"object": "list", "data": [_model(name) for name in MODELS]})
    return as_json(_model(path.removeprefix("/models/")))


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": FIRST_SECOND, "owned_by": "fake-llm"}


_ERRORS: dict[int, tuple[str, str | None, str]] = {
    400: ("invalid_request_error", None, "The request is not valid."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    403: ("invalid_request_error", "forbidden", "You may not do this."),
    404: ("invalid_request_error", "not_found", "There is nothing here."),
    405: ("invalid_request_error", "method_not_allowed", "This method is not allowed here."),
    408: ("invalid_request_error", "request_timeout", "The request took too long to arrive."),
    413: ("invalid_request_error", "request_too_large", "The request is too large."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached."),
    431: ("invalid_request_error", "headers_too_large", "The request's headers are too large."),
    503: ("server_error", "overloaded", "The engine is currently overloaded."),
    505: ("invalid_request_error", "http_version", "This server speaks HTTP/1.1."),
}
_OTHER = ("invalid_request_error", None, "The request cannot be answered.")
_SERVER = ("server_error", None, "The server had an error while processing your request.")


def error_object(
    status: int, message: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """The error object of OpenAI's API for a status."""
    kind, code, usual = _ERRORS.get(status, _SERVER if status >= 500 else _OTHER)
    return {"error": {"message": message or usual, "type": kind, "param": param, "code": code}}


def as_json(value: Any) -> bytes:
    """Compact, and ASCII only: characters such as U+2028 are escaped."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def parse_json(data: bytes) -> Any:
    """The value, or None for anything that is not JSON (NaN is not)."""
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON.")
