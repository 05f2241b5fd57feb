"""What the tests of the fake LLM share: requests as plain data, events as a list."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from course.fake_llm import FakeLLM


def chat(prompt: str = "What is a token?", **more: Any) -> dict[str, Any]:
    """The body of a chat completion."""
    return {"model": "gpt-4", "messages": [{"role": "user", "content": prompt}], **more}


def ask(llm: FakeLLM, prompt: str = "What is a token?", **more: Any) -> httpx.Response:
    """One call on a connection of its own."""
    with client_of(llm) as client:
        return client.post("/chat/completions", json=chat(prompt, **more))


def client_of(llm: FakeLLM) -> httpx.Client:
    """A client that loads no certificates, which take longer than the calls."""
    headers = {"authorization": f"Bearer {llm.api_key}"} if llm.api_key else {}
    return httpx.Client(
        base_url=llm.base_url, headers=headers, timeout=5, trust_env=False, verify=False
    )


def data_of(text: str) -> list[Any]:
    """The JSON of each event; `[DONE]` and what is no JSON stay texts."""
    events = [event.removeprefix("data: ") for event in text.split("\n\n") if event]
    return [_loaded(event) for event in events]


def _loaded(event: str) -> Any:
    try:
        return json.loads(event)
    except ValueError:
        return event


def texts_of(text: str) -> list[str]:
    """The pieces of text in a streamed answer."""
    deltas = [
        choice["delta"].get("content")
        for data in data_of(text)
        if isinstance(data, dict)
        for choice in data.get("choices", ())
    ]
    return [delta for delta in deltas if delta]


@contextmanager
def connected(llm: FakeLLM) -> Iterator[socket.socket]:
    """A bare connection."""
    host, port = llm.base_url.removeprefix("http://").removesuffix("/v1").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        yield connection


def raw(body: bytes, *headers: str, path: str = "/v1/chat/completions") -> bytes:
    """The bytes of a POST request."""
    lines = [f"POST {path} HTTP/1.1", "Host: llm", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def read_all(connection: socket.socket) -> bytes:
    """Everything until the other side closes, one way or the other."""
    received = b""
    try:
        while data := connection.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    return received


def read_until(connection: socket.socket, end: bytes) -> bytes:
    received = b""
    while end not in received:
        data = connection.recv(65536)
        assert data, f"The connection was closed after {received!r}."
        received += data
    return received
