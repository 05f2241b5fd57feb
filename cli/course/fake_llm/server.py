"""The fake LLM: a thread with an OpenAI-compatible HTTP server, scripted and read as an object."""

import asyncio
import secrets
import socket
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from . import completions
from .answers import Plain, prepare, refusal
from .clients import Clients, listen
from .completions import BadRequest
from .connection import Connection, Request
from .ledger import Call, Event, Ledger
from .limits import Limits
from .player import Player
from .replies import Reply, Usage
from .script import METHODS, Behaviour, Script, check_path, route_of


class FakeLLM:
    """A real HTTP server in a thread of its own. Every method may be called from any thread.

    `listener` is a listening socket to use instead of `host` and `port`; the server closes it.
    `nonce` is new and random after each reset unless one is given. `on_event` is called in the
    server's thread and must be quick.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        api_key: str | None = None,
        *,
        listener: socket.socket | None = None,
        limits: Limits | None = None,
        nonce: str | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self.api_key = api_key
        self.limits = limits or Limits()
        self._listener = listener
        self._address = listener.getsockname() if listener else (host, port)
        self._fixed_nonce = nonce
        self._on_event = on_event
        self._ledger = Ledger(self.limits, self._tell)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._clients: Clients | None = None
        self._start_anew()

    # Running.

    def start(self) -> Self:
        """Listen, and answer in a new thread. Started again after a stop, it has the same port."""
        if self._thread is None:
            listener = self._listener or listen(*self._address[:2])
            self._listener = None
            self._address = listener.getsockname()
            is_running = threading.Event()
            self._thread = threading.Thread(
                target=self._run, args=(listener, is_running), name="fake-llm", daemon=True
            )
            self._thread.start()
            is_running.wait()
        return self

    def stop(self) -> None:
        """Close the listener and every connection, and end the thread. The ledger stays."""
        if self._thread is not None and self._loop is not None and self._stopping is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
            self._thread = self._loop = self._stopping = self._clients = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """The URL for clients, such as `http://127.0.0.1:49152/v1`; known once it listens."""
        host, port = self._address[:2]
        if port == 0:
            raise RuntimeError("The fake LLM has no port before it is started.")
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"

    def _run(self, listener: socket.socket, is_running: threading.Event) -> None:
        # The selector's loop on Windows, too: the other one cannot watch a listener.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve(listener, is_running))

    async def _serve(self, listener: socket.socket, is_running: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._clients = clients = Clients(listener, self, self.limits)
        is_running.set()
        await self._stopping.wait()
        self._hang_up()
        await clients.close()

    # Scripting.

    def reset(self) -> None:
        """Forget scripts and ledger, take a new nonce, and hang up on calls that are still open.

        Their gates are opened. Connections without an open call are kept: they are the pools of
        clients that go on.
        """
        if self._loop is None or threading.current_thread() is self._thread:
            self._start_anew()
        else:
            asyncio.run_coroutine_threadsafe(self._reset(), self._loop).result()

    async def _reset(self) -> None:
        self._start_anew()

    def _start_anew(self) -> None:
        with self._ledger.changed:
            self._hang_up()
            self._ledger.clear()
            self._script = Script()
            self.nonce = secrets.token_hex(3) if self._fixed_nonce is None else self._fixed_nonce

    def _hang_up(self) -> None:
        """Drop the connections whose call is open."""
        if self._clients is not None:
            for connection in self._clients.busy():
                if connection.call is not None:
                    self._ledger.end(connection.call, "hung_up", "hung up")
                self._clients.drop(connection)
                if connection.gate is not None:
                    connection.gate.open()

    def script(self, *replies: Reply) -> None:
        """Answer the next chat completions so, in order of arrival; then as before."""
        with self._ledger.changed:
            self._script.turns.extend(replies)

    def always(self, reply: Reply, path: str = "/chat/completions") -> None:
        """Answer so whenever no script does; `path` may also be `/embeddings` or `/models`."""
        check_path(path)
        with self._ledger.changed:
            self._script.defaults[path] = reply

    def when(self, text: str, reply: Reply, path: str = "/chat/completions") -> None:
        """Answer so whenever the prompt contains the text; the latest that fits goes first."""
        check_path(path)
        with self._ledger.changed:
            self._script.conditions.insert(0, (path, text, reply))

    def behave(self, function: Behaviour) -> None:
        """Ask a function when nothing else was said; None is the default answer.

        It is called in the server's thread, once for each valid request, and must be quick. What it
        raises is answered with 500.
        """
        with self._ledger.changed:
            self._script.behaviour = function

    def answer_to(self, prompt: str) -> str:
        """The default answer to a prompt."""
        return completions.default_answer(self.nonce, prompt)

    def usage_of(self, prompt: str, answer: str) -> Usage:
        """The usage that is told for a prompt and an answer."""
        return completions.usage_of(prompt, answer)

    # Reading.

    @property
    def calls(self) -> list[Call]:
        """Chat completions and embeddings since the reset, in order of arrival."""
        return [call for call in self._ledger.requests if call.counts]

    @property
    def requests(self) -> list[Call]:
        """Everything asked since the reset, in order of arrival."""
        return self._ledger.requests

    @property
    def events(self) -> list[Event]:
        """Everything that happened since the reset."""
        return self._ledger.events

    @property
    def in_flight(self) -> int:
        """How many calls are open now."""
        return self._ledger.in_flight

    @property
    def peak_in_flight(self) -> int:
        """How many calls were open at once since the reset, at most."""
        return self._ledger.peak_in_flight

    @property
    def connections(self) -> int:
        """How many different connections carried a request since the reset."""
        return self._ledger.connections

    @property
    def open_connections(self) -> int:
        """How many connections are open now."""
        return len(self._clients) if self._clients is not None else 0

    def wait_for(self, predicate: Callable[[], object], within: float = 2.0) -> bool:
        """Wait until the predicate is true, asked again at each change; False if not in time."""
        with self._ledger.changed:
            return bool(self._ledger.changed.wait_for(predicate, within))

    def wait_for_calls(self, n: int, within: float = 2.0) -> bool:
        """Wait until at least `n` calls have arrived since the reset."""
        return self.wait_for(lambda: self._ledger.call_count >= n, within)

    def _tell(self, event: Event) -> None:
        if self._on_event is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._on_event, event)

    # What a connection needs: see `connection.Site`.

    def begin(self, connection: Connection, request: Request) -> Coroutine[Any, Any, None]:
        """Write a request down and say how it is to be answered."""
        target = request.target.partition("?")[0]
        below = target.removeprefix("/v1") if target.startswith("/v1/") else None
        body = completions.parse_json(request.body) if request.body else None
        call = Call(
            number=0,
            method=request.method,
            path=below or target,
            headers=request.headers,
            body=body,
            prompt=completions.prompt_of(body),
            stream=isinstance(body, dict) and body.get("stream") is True,
            connection=connection.number,
            size=request.size,
            counts=request.method == "POST" and below in ("/chat/completions", "/embeddings"),
        )
        connection.call = call
        with self._ledger.changed:
            self._ledger.add(call)
            reply = self._refusal(call, below, request.too_large) or self._script.choose(call)
            nonce = self.nonce
        if isinstance(reply, Plain):
            return Player(connection, self._ledger, call, Reply()).play(reply)
        connection.gate = reply.gate
        return Player(connection, self._ledger, call, reply).play(prepare(call, reply, nonce))

    def _refusal(self, call: Call, below: str | None, too_large: bool) -> Plain | None:
        """The answer to a request that no reply is spent on."""
        method = METHODS.get(route_of(below or ""))
        if too_large:
            return refusal(call, 413, connection="close")
        if method is None:
            return refusal(call, 404, f"There is nothing at {call.path}.")
        if call.method != method:
            return refusal(call, 405, f"{call.path} is for {method} only.", allow=method)
        if not self._knows_key(call.headers.get("authorization", "")):
            return refusal(call, 401)
        try:
            completions.check(call.path, call.body)
        except BadRequest as bad:
            return refusal(call, bad.status, bad.message, bad.param)
        return None

    def _knows_key(self, authorization: str) -> bool:
        scheme, _, key = authorization.partition(" ")
        return self.api_key is None or (scheme.lower(), key) == ("bearer", self.api_key)

    def has_come(self) -> None:
        """There is one more connection."""
        self._ledger.announce()

    def has_answered(self, connection: Connection) -> None:
        """A connection waits for its next request."""
        if self._clients is not None:
            self._clients.has_answered(connection)

    def has_left(self, connection: Connection) -> None:
        """A client has gone before its answer was complete."""
        if connection.call is not None:
            self._ledger.end(connection.call, "aborted", "client left")

    def has_gone(self, connection: Connection) -> None:
        """A connection is no more."""
        if self._clients is not None:
            self._clients.has_gone(connection)
        self._ledger.closed(connection.number)
