"""One client's socket: takes requests within the limits, and sends what an answer says at once."""

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol, cast

import h11

from .completions import as_json, error_object
from .ledger import Call
from .limits import Limits
from .replies import Gate

_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    too_large: bool
    size: int


class Site(Protocol):
    """What a connection needs of the server it belongs to."""

    limits: Limits

    def begin(self, connection: "Connection", request: Request) -> Coroutine[Any, Any, None]: ...

    def has_come(self) -> None: ...

    def has_answered(self, connection: "Connection") -> None: ...

    def has_left(self, connection: "Connection") -> None:
        """The client has gone; if its answer was complete by then, it does not matter."""

    def has_gone(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """HTTP/1.1 with h11, one request at a time; pipelined ones wait for their turn."""

    def __init__(self, site: Site, number: int) -> None:
        self.number = number
        self._loop = asyncio.get_running_loop()
        self.call: Call | None = None
        """The request being answered."""
        self.gate: Gate | None = None
        """What may hold the answer back."""
        self.quiet_since = self._loop.time()
        self.has_answered = False
        """Whether it was of use before and is at rest now."""
        self._site = site
        self._task: asyncio.Task[None] | None = None
        self._is_refused = False
        self._limits = site.limits
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=self._limits.head_bytes)
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._body_size = 0
        self._pipelined = bytearray()
        self._out = bytearray()
        self._room = asyncio.Event()
        self._room.set()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._start_clock()
        self._site.has_come()

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        if self._task is not None:
            self._pipelined += data
            if self._transport and len(self._pipelined) > self._limits.head_bytes:
                self._transport.pause_reading()
            return
        if self._deadline is None:
            self._start_clock()
        self._http.receive_data(data)
        self._read()

    def eof_received(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        self._stop_clock()
        if self._task is not None:
            self._task.cancel()
        else:
            self._site.has_left(self)
        self._transport = None
        self._site.has_gone(self)

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def _is_open(self) -> bool:
        return not (self._is_refused or self._transport is None or self._transport.is_closing())

    # Requests.

    def _start_clock(self) -> None:
        self.quiet_since = self._loop.time()
        self._deadline = self._loop.call_later(self._limits.request_seconds, self._too_slow)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        if self._request is None and not self._http.trailing_data[0]:
            self.close()
        else:
            self._refuse(408)

    def _read(self) -> None:
        while self._task is None and self._is_open():
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                self._refuse(error.error_status_hint)
                return
            if isinstance(event, h11.Request):
                self._take_head(event)
            elif isinstance(event, h11.Data):
                self._take_body(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self._begin()
            else:
                return

    def _take_head(self, event: h11.Request) -> None:
        self._request = event
        self._body.clear()
        self._body_size = 0
        if event.http_version not in (b"1.0", b"1.1"):
            self._refuse(505)
        elif _size(event) > self._limits.head_bytes:
            self._refuse(431)
        elif self._http.they_are_waiting_for_100_continue:
            if int(dict(event.headers).get(b"content-length", b"0")) > self._limits.body_bytes:
                self._refuse(413)
            else:
                self._out += self._http.send(h11.InformationalResponse(status_code=100, headers=[]))
                self.flush()

    def _take_body(self, data: bytes) -> None:
        self._body_size += len(data)
        if self._body_size <= self._limits.body_bytes:
            self._body += data
        else:
            self._body.clear()

    def _begin(self) -> None:
        self._stop_clock()
        event = cast(h11.Request, self._request)
        headers: dict[str, str] = {}
        for raw_name, raw_value in event.headers:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        request = Request(
            method=event.method.decode("ascii"),
            target=event.target.decode("latin-1"),
            headers=headers,
            body=bytes(self._body),
            too_large=self._body_size > self._limits.body_bytes,
            size=_size(event) + len(self._body),
        )
        self._body.clear()
        self.has_answered = False
        self._task = self._loop.create_task(self._site.begin(self, request))
        self._task.add_done_callback(self._has_ended)

    def _has_ended(self, task: asyncio.Task[None]) -> None:
        self._site.has_left(self)
        self._task = self._request = self.call = self.gate = None
        if task.cancelled() or self._http.our_state is not h11.DONE:
            self.close()
        elif self._is_open():
            self._http.start_next_cycle()
            self.has_answered = True
            self.quiet_since = self._loop.time()
            self._site.has_answered(self)
            self._go_on()

    def _go_on(self) -> None:
        """Take what came while the last request was being answered."""
        if self._pipelined and self._transport is not None:
            self._http.receive_data(bytes(self._pipelined))
            self._pipelined.clear()
            self._transport.resume_reading()
        if self._http.trailing_data[0]:
            self._start_clock()
            self._read()

    # Answers.

    def head(self, status: int, headers: Headers) -> None:
        """The status line and the headers; not sent before `flush`."""
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        reason = _PHRASES.get(status, b"")
        self._out += self._http.send(
            h11.Response(status_code=status, headers=encoded, reason=reason)
        )

    def data(self, data: bytes) -> None:
        """A piece of the body; not sent before `flush`."""
        if self._request is None or self._request.method != b"HEAD":
            self._out += self._http.send(h11.Data(data=data))

    def end(self) -> None:
        """The end of the body, and everything that waits for `flush`."""
        self._out += self._http.send(h11.EndOfMessage())
        self.flush()

    def flush(self) -> None:
        """Send everything in one write."""
        if self._transport is not None:
            self._transport.write(bytes(self._out))
        self._out.clear()

    async def room(self) -> None:
        """Wait until the client has taken most of what was sent."""
        await self._room.wait()

    def close(self) -> None:
        """Close once everything is sent."""
        self._stop_clock()
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._stop_clock()
        if self._task is not None:
            self._task.cancel()
        if self._transport is not None:
            self._transport.abort()

    def _refuse(self, status: int) -> None:
        """Answer what is no proper request, and close.

        What the client still sends is read for a moment: closing at once would make the kernel take
        the answer back.
        """
        body = as_json(error_object(status))
        self.head(
            status,
            [
                ("content-type", "application/json"),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ],
        )
        self.data(body)
        self.end()
        self._stop_clock()
        self._is_refused = True
        self._deadline = self._loop.call_later(self._limits.crowded_seconds, self.abort)
        if self._transport is not None:
            self._transport.write_eof()


def _size(event: h11.Request) -> int:
    return len(event.target) + sum(len(name) + len(value) + 4 for name, value in event.headers)
