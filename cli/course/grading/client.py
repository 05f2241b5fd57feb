"""The suite's HTTP client: one connection a request, one deadline for all of it, nothing hidden.

It has no dependency but h11, because importing and warming up a full client would cost more than
most tests.
"""

import json as json_module
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import h11

from course.grading.sse import Event, EventParser

BODY_LIMIT = 4 << 20


class NoAnswer(AssertionError):
    """The app did not answer as HTTP asks, or not in time; the message is for the learner."""


class Headers(Mapping[str, str]):
    """Response headers, looked up without regard to case; the first of several wins."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs

    def __getitem__(self, name: str) -> str:
        for key, value in self.pairs:
            if key.lower() == name.lower():
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key.lower() for key, _ in self.pairs))

    def __len__(self) -> int:
        return len(dict.fromkeys(key.lower() for key, _ in self.pairs))


@dataclass(frozen=True)
class Response:
    """A complete answer."""

    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; an AssertionError shows a body that is none."""
        try:
            return json_module.loads(self.body)
        except (ValueError, RecursionError):
            raise AssertionError(
                f"The body of the answer (status {self.status}) is not JSON: {self.text[:200]!r}"
            ) from None


@dataclass(frozen=True)
class Request:
    """What is sent. `json` and `content` exclude each other; JSON gets its Content-Type."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def make(
        cls,
        method: str,
        path: str,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Request":
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        if json is not None:
            content = json_module.dumps(json).encode()
        if content is not None:
            sent.setdefault("content-type", "application/json")
        return cls(method, path, sent, content or b"")


class Exchange:
    """One request and its answer over one connection, readable piece by piece."""

    def __init__(self, port: int, request: Request, within: float) -> None:
        self.request = request
        self.status = 0
        self.headers = Headers([])
        self.ended = False  # the answer is over, cleanly or not
        self.clean = False  # it ended as HTTP says
        self.problem = ""
        self.body = bytearray()  # what has come so far
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=256 * 1024)
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = port
        self._send(within)

    @property
    def what(self) -> str:
        return f"{self.request.method} {self.request.path}"

    def _send(self, within: float) -> None:
        request = self.request
        headers = [("host", f"127.0.0.1:{self.port}"), *request.headers.items()]
        if request.body and "transfer-encoding" not in request.headers:
            headers.append(("content-length", str(len(request.body))))
        elif request.method in ("POST", "PUT", "PATCH") and not request.body:
            headers.append(("content-length", "0"))
        encoded = [
            (name.encode("latin-1"), value.strip(" \t").encode("utf-8"))  # h11 is strict here
            for name, value in headers
        ]
        start = h11.Request(method=request.method, target=request.path, headers=encoded)
        self._socket.settimeout(within)
        # An app may answer and close before it has read all of a large body: then read that answer.
        with suppress(ConnectionError, TimeoutError):
            data = self._http.send(start) or b""
            if request.body:
                data += self._http.send(h11.Data(data=request.body)) or b""
            self._socket.sendall(data + (self._http.send(h11.EndOfMessage()) or b""))

    def receive(self, deadline: float) -> bytes | None:
        """The next piece of the body; b"" for the head alone; None at the end or the deadline.

        `deadline` is a `time.monotonic()`; `ended` tells the end from the deadline.
        """
        while not self.ended:
            try:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    remaining = deadline - time.monotonic()
                    if remaining <= 0:
                        return None
                    self._socket.settimeout(remaining)
                    self._http.receive_data(self._socket.recv(65536))
                    continue
            except TimeoutError:
                return None
            except (OSError, h11.RemoteProtocolError) as problem:
                self._end(str(problem))
                return None
            if isinstance(event, h11.Response):
                self.status = event.status_code
                self.headers = Headers(
                    [(k.decode("latin-1"), v.decode("latin-1")) for k, v in event.headers]
                )
                return b""
            if isinstance(event, h11.Data):
                self.body += event.data
                if len(self.body) > BODY_LIMIT:
                    self._end(f"the body is longer than {BODY_LIMIT >> 20} MB")
                    return None
                return bytes(event.data)
            if isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
                self.clean = isinstance(event, h11.EndOfMessage)
                self._end("" if self.clean else "the connection was closed")
        return None

    def _end(self, problem: str) -> None:
        self.ended = True
        self.problem = problem
        self.close()

    def head(self, within: float) -> None:
        """Wait for status and headers; `NoAnswer` when they do not come."""
        if self.receive(time.monotonic() + within) is None:
            raise NoAnswer(self._why_no_answer(within))

    def _why_no_answer(self, within: float) -> str:
        if self.ended:
            return f"The app closed the connection without an answer to {self.what}."
        return f"No answer to {self.what} came within {within:g} seconds."

    def read(self, within: float) -> bytes:
        """The whole (rest of the) body; `NoAnswer` when it does not end well in time."""
        deadline = time.monotonic() + within
        while self.receive(deadline) is not None:
            pass
        if not self.ended:
            raise NoAnswer(f"The answer to {self.what} did not end within {within:g} seconds.")
        if not self.clean:
            raise NoAnswer(f"The answer to {self.what} broke off: {self.problem}.")
        return bytes(self.body)

    def close(self) -> None:
        """Go away, whatever the app is doing."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Stream:
    """A running answer, read event by event. Use it as a context manager; leaving it hangs up."""

    def __init__(
        self, exchange: Exchange, saw: Callable[[str], None], limit: Callable[[float | None], float]
    ) -> None:
        self._exchange = exchange
        self._saw = saw
        self._limit = limit  # how long to wait when a test does not say
        self._parser = EventParser()
        self._waiting: list[Event] = []

    @property
    def status(self) -> int:
        return self._exchange.status

    @property
    def headers(self) -> Headers:
        return self._exchange.headers

    @property
    def ended(self) -> bool:
        """No more is to come: the answer ended, cleanly or not."""
        return self._exchange.ended and not self._waiting

    @property
    def clean(self) -> bool:
        """The answer ended as HTTP says; a cut connection did not."""
        return self._exchange.clean

    @property
    def comments(self) -> list[str]:
        """Comment lines (heartbeats) read so far."""
        return self._parser.comments

    @property
    def raw(self) -> bytes:
        """Every byte of the body that has come so far."""
        return bytes(self._exchange.body)

    def next_event(self, within: float = 2.0) -> Event | None:
        """The next event; None when none came in time or the stream is over."""
        event = self._next(time.monotonic() + within)
        if event is None:
            self._saw("the stream ended" if self.ended else f"no event in {within:g} s")
        return event

    def next_comment(self, within: float = 2.0) -> str | None:
        """The next comment line; None when none came in time. Events are kept for later."""
        seen = len(self.comments)
        deadline = time.monotonic() + within
        while len(self.comments) == seen:
            if not self._read_piece(deadline):
                return None
        return self.comments[seen]

    def events(self, within: float | None = None) -> list[Event]:
        """All further events to the end of the stream; `NoAnswer` when it does not end in time."""
        limit = self._limit(within)
        deadline = time.monotonic() + limit
        events = []
        while (event := self._next(deadline)) is not None:
            events.append(event)
        if not self._exchange.ended:
            raise NoAnswer(
                f"The stream of {self._exchange.what} did not end within {limit:g} seconds."
            )
        return events

    def body(self, within: float | None = None) -> bytes:
        """The whole body of an answer that is no stream of events, from its first byte."""
        deadline = time.monotonic() + self._limit(within)
        while self._read_piece(deadline):
            pass
        return self.raw

    def json(self, within: float | None = None) -> Any:
        """The whole body as JSON."""
        return Response(self.status, self.headers, self.body(within)).json()

    def hang_up(self) -> None:
        """Leave: close the connection without reading on."""
        self._saw("leaves")
        self._exchange.close()

    def _next(self, deadline: float) -> Event | None:
        while not self._waiting:
            if not self._read_piece(deadline):
                return None
        event = self._waiting.pop(0)
        self._saw(f"{event.event}: {event.data}")
        return event

    def _read_piece(self, deadline: float) -> bool:
        piece = self._exchange.receive(deadline)
        if piece is None:
            return False
        self._waiting += self._parser.feed(piece)
        return True

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self._exchange.close()
