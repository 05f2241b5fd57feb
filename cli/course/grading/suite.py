"""What a suite works with: the app under test as an HTTP client sees it.

Annotate fixtures with `App` and `FreshApp`; everything a suite may do is a method here.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from course.grading.app_process import AppFailed, AppProcess, describe_exit
from course.grading.client import Exchange, Headers, NoAnswer, Request, Response, Stream
from course.grading.evidence import Recorder
from course.grading.job import PATIENCE_SECONDS
from course.grading.learners_tests import LearnersTests, Run
from course.grading.redis_server import RedisServer
from course.grading.schema_tools import SchemaTools
from course.grading.sse import Event
from course.grading.tracebacks import learner_first

__all__ = [
    "App",
    "AppFailed",
    "Event",
    "FreshApp",
    "Headers",
    "LearnersTests",
    "NoAnswer",
    "Pending",
    "RedisServer",
    "Response",
    "Run",
    "SchemaTools",
    "Stream",
]

SHORT_WITHIN = 2.0  # once an app has kept us waiting twice
TIMES_PATIENT = 2


class Patience:
    """How long to wait for an answer: long at first, shorter once the app has hung twice."""

    def __init__(self, seconds: float = PATIENCE_SECONDS) -> None:
        self.seconds = seconds
        self.hangs = 0

    def limit(self, within: float | None = None) -> float:
        limit = self.seconds if within is None else within
        return limit if self.hangs < TIMES_PATIENT else min(limit, SHORT_WITHIN)


class App:
    """One running app, seen from outside. All waiting is bounded.

    What does not come is an AssertionError.
    """

    def __init__(self, process: AppProcess, recorder: Recorder, patience: Patience) -> None:
        self.process = process
        self._recorder = recorder
        self._patience = patience
        self._pending: list[Pending] = []
        self._exchanges: list[Exchange] = []
        self._seen_ending = False

    @property
    def pid(self) -> int:
        return self.process.handle.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.process.port}"

    @property
    def output(self) -> str:
        """What the app has printed since it started (its tail)."""
        return self.process.output

    @property
    def errors(self) -> str:
        """What an app started as a module has printed to standard error; all of it at its end."""
        if self.process.handle.poll() is not None:
            self.process.all_output(5.0)
        with self.process.changed:
            return self.process.errors.decode("utf-8", "backslashreplace")

    @property
    def stdout(self) -> str:
        """All it has printed on stdout; only a suite with `STDOUT_APART = True` may ask."""
        if not self.process.spec.stdout_apart:
            raise RuntimeError("The suite has no STDOUT_APART = True.")
        with self.process.changed:
            return self.process.stdout.decode("utf-8", "backslashreplace")

    def wait_for_stdout(self, enough: Callable[[str], object], within: float = 5.0) -> bool:
        """Wait until `enough`, given all of stdout, is true; it is asked at each new line."""
        process = self.process
        with process.changed:
            return bool(process.changed.wait_for(lambda: enough(self.stdout), within))

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, within: float | None = None
    ) -> Response:
        return self.request("GET", path, headers=headers, within=within)

    def post(
        self,
        path: str,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        within: float | None = None,
    ) -> Response:
        return self.request("POST", path, json, content, headers, within)

    def request(
        self,
        method: str,
        path: str,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        within: float | None = None,
    ) -> Response:
        """Send and wait for the whole answer. Bodies go out as JSON; `content` is sent as it is."""
        request = Request.make(method, path, json, content, headers)
        limit = self._patience.limit(within)
        exchange = self._open(request, limit)
        try:
            self._head(exchange, limit)
            self._recorder.opened(exchange)
            body = exchange.read(limit)
        except NoAnswer as problem:
            raise self._explained(problem, exchange) from None
        finally:
            exchange.close()
        response = Response(exchange.status, exchange.headers, body)
        self._recorder.received(request, response)
        return response

    def begin(
        self,
        method: str,
        path: str,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Pending":
        """Send now and read the answer later, so that several requests can be under way."""
        request = Request.make(method, path, json, content, headers)
        pending = Pending(self, request)
        self._pending.append(pending)
        return pending

    def stream(
        self,
        path: str,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        within: float | None = None,
    ) -> Stream:
        """Send, wait for the head of the answer, and read the rest event by event."""
        request = Request.make(method, path, json, None, headers)
        limit = self._patience.limit(within)
        exchange = self._open(request, limit)
        try:
            self._head(exchange, limit)
        except NoAnswer as problem:
            exchange.close()
            raise self._explained(problem, exchange) from None
        self._recorder.opened(exchange)
        self._recorder.saw(f"got {exchange.status}, reads on")
        return Stream(exchange, self._recorder.saw, self._patience.limit)

    def wait_for_output(self, text: str, within: float = 5.0) -> bool:
        """Wait until the app has printed `text` (looked for in its tail)."""
        return self.process.wait_for_output(text, within)

    def terminate(self) -> None:
        """SIGTERM: ask the app to shut down."""
        self._recorder.saw("sends SIGTERM")
        self.process.terminate()

    def kill(self) -> None:
        """SIGKILL: end the app without a warning."""
        self._recorder.saw("sends SIGKILL")
        self.process.end()

    def wait_for_exit(self, within: float = 10.0) -> int | None:
        """The exit code (negative: ended by that signal); None when it still runs."""
        code = self.process.wait_for_exit(within)
        if code is not None and not self._seen_ending:
            self._seen_ending = True
            self._recorder.saw(f"ends: {describe_exit(code)}", "app")
        return code

    def wait_for_shutdown(self, within: float = 10.0) -> bool:
        """Wait until the shutdown of the lifespan is over (also with `linger=True`)."""
        process = self.process
        with process.changed:
            process.changed.wait_for(lambda: process.gone or process.reached("stopped"), within)
        return process.reached("stopped")

    def leave(self) -> bool:
        """Close what the test left open; true when there was a request without its whole answer."""
        for pending in self._pending:
            pending.hang_up()
        return not all(exchange.ended for exchange in self._exchanges)

    def _open(self, request: Request, within: float) -> Exchange:
        self._recorder.sent(request)
        try:
            exchange = Exchange(self.process.port, request, within)
            self._exchanges.append(exchange)
            return exchange
        except OSError as problem:
            raise NoAnswer(
                f"The app took no connection for {request.method} {request.path} ({problem})."
                f"{self._how_it_ended()}"
            ) from None

    def _head(self, exchange: Exchange, within: float) -> None:
        try:
            exchange.head(within)
        except NoAnswer:
            if not exchange.ended:
                self._patience.hangs += 1
            raise

    def _explained(self, problem: NoAnswer, exchange: Exchange) -> NoAnswer:
        self._recorder.saw("the connection broke" if exchange.ended else "gave up waiting")
        return NoAnswer(f"{problem}{self._how_it_ended() if exchange.ended else ''}")

    def _how_it_ended(self) -> str:
        process = self.process
        code = process.handle.wait(1.0)
        if process.flooded:
            return " It had printed more than 8 MB and was stopped."
        if code is None:
            return ""
        where = learner_first(process.all_output(1.0), process.spec.folder)
        return f" Its process has ended ({describe_exit(code)}).{chr(10) + where if where else ''}"


class Pending:
    """A request under way. `result` waits for its answer."""

    def __init__(self, app: App, request: Request) -> None:
        self._app = app
        self._outcome: Response | AssertionError | None = None
        self._exchange = app._open(request, app._patience.limit())
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._exchange.head(60.0)
            body = self._exchange.read(60.0)
        except NoAnswer as problem:
            self._outcome = problem
        except (OSError, ValueError) as problem:  # closed under our hands by `hang_up`
            self._outcome = NoAnswer(f"The request was given up ({problem}).")
        else:
            response = Response(self._exchange.status, self._exchange.headers, body)
            self._app._recorder.received(self._exchange.request, response)
            self._outcome = response

    @property
    def finished(self) -> bool:
        """The answer is here, or will never come."""
        return self._outcome is not None

    def result(self, within: float | None = None) -> Response:
        """The answer; an AssertionError when it does not come in time."""
        limit = self._app._patience.limit(within)
        self._thread.join(limit)
        if self._outcome is None:
            self._app._patience.hangs += 1
            self._app._recorder.saw(f"no answer in {limit:g} s")
            raise NoAnswer(f"No answer to {self._exchange.what} came within {limit:g} seconds.")
        if isinstance(self._outcome, NoAnswer):
            raise self._app._explained(self._outcome, self._exchange)
        assert isinstance(self._outcome, Response)
        return self._outcome

    def hang_up(self) -> None:
        """Leave without waiting for the answer."""
        if not self.finished:
            self._app._recorder.saw("leaves")
            with suppress(OSError):
                self._exchange.close()


class FreshApp(Protocol):
    """The fixture `fresh_app`: starts the app again, with other settings, for one test.

    A value of None takes the variable away. `wait=False` returns before the app serves;
    `linger=True` keeps the process and its event loop alive after the shutdown, so that one can
    see what was left open; `anew=True` starts it in a new interpreter, as on another machine, where
    Python's `hash()` of a text is another one (forks of a warm parent share it).
    `module="app"` does what `python -m app` does in the folder: the app
    serves itself, on the free port that PORT names.
    """

    def __call__(
        self,
        *,
        wait: bool = True,
        linger: bool = False,
        anew: bool = False,
        module: str = "",
        **environment: str | None,
    ) -> App: ...
