"""Lesson monitoring: what the app says of itself, in metrics, log lines, probes and traces."""

import http.client
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from course.fake_llm import Barrier, Call, FakeLLM, Gate, Reply, Usage
from course.grading.suite import App, FreshApp, Pending, Response

# No IMPORTS: prometheus_client reads PROMETHEUS_MULTIPROC_DIR when it is imported, and must not be
# imported before an app's environment is there.
SETTINGS = {
    "LLM_MODEL": "house-model",
    "TZ": "JST-9",  # nine hours ahead of UTC, which no log line may show
}
STDOUT_APART = True  # what libraries and uvicorn print on stderr is their own business

T = TypeVar("T")

requests = pytest.mark.exercise(
    "requests",
    look="count-what-has-ended",
    idea="When is it known how an answer ended, and how many different answers are there?",
)
bounded = pytest.mark.exercise(
    "requests",
    look="labels-are-chosen-by-you",
    idea="Who decides how many values this label has?",
)
llm_calls = pytest.mark.exercise(
    "llm",
    look="measure-every-call-however-it-ends",
    idea="In how many ways can a call end, and which of them passes your lines?",
)
first_token = pytest.mark.exercise(
    "llm",
    look="the-time-to-the-first-token",
    idea="What does a reader wait for, and when is it there?",
)
logs = pytest.mark.exercise(
    "logs",
    look="one-line-one-object",
    idea="Somebody sends you the id of an answer. Which line do you look at, and what is in it?",
)
private = pytest.mark.exercise(
    "logs",
    look="what-never-goes-into-a-log",
    idea="Who is going to read this log, and who has agreed to that?",
)
probes = pytest.mark.exercise(
    "probes",
    look="two-questions-of-an-orchestrator",
    idea="What happens to a process that says no to this question?",
)
workers = pytest.mark.exercise(
    "workers",
    look="one-page-for-all-workers",
    idea="Which process has answered this scrape, and which ones have counted?",
)
trace = pytest.mark.exercise(
    "trace",
    look="one-id-through-all-services",
    idea="Which part of the header belongs to everybody, and which to one call alone?",
)


# Waiting for what comes after an answer


class Waiting:
    """How often something has never come: after the second time we wait for less."""

    in_vain = 0

    @classmethod
    def limit(cls, seconds: float) -> float:
        return seconds if cls.in_vain < 2 else min(seconds, 1.2)


def eventually(look: Callable[[], T], within: float = 4.0) -> T:
    """Look again and again until there is something; what was seen last."""
    deadline = time.monotonic() + Waiting.limit(within)
    pause = 0.01
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
    Waiting.in_vain += not seen
    return seen


# What every test does: ask, and read the metrics as Prometheus would


def ask(app: App, query: str = "Name a river.", path: str = "/query", **headers: str) -> Response:
    """One question, and the whole answer to it."""
    body = {"query": query, "model": "tiny-2"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.post(path, json=body, headers=named)


def begin(app: App, query: str, path: str = "/query", **headers: str) -> Pending:
    """One question whose answer is read later."""
    body = {"query": query, "model": "tiny-2"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.begin("POST", path, json=body, headers=named)


def tell(labels: dict[str, str]) -> str:
    told = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


class Page:
    """One scrape of GET /metrics."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.types: dict[str, str] = {}  # by the name of a sample
        self.samples: list[tuple[str, dict[str, str], float]] = []
        try:
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    self.types[sample.name] = family.type
                    self.samples.append((sample.name, sample.labels, sample.value))
        except (ValueError, KeyError, IndexError) as problem:
            raise AssertionError(
                f"What GET /metrics answers cannot be read by Prometheus ({problem}). "
                f"It begins with {text[:200]!r}."
            ) from None

    def total(self, name: str, **labels: str) -> float:
        """The sum over all series of that name with these labels."""
        return sum(
            value
            for sample, has, value in self.samples
            if sample == name and labels.items() <= has.items()
        )

    def lines_of(self, name: str) -> str:
        """What there is of that name, for a person."""
        lines = [
            f"{sample}{tell(has)} {value:g}"
            for sample, has, value in self.samples
            if sample == name
        ]
        shown = "; ".join(lines[:8]) + (f" and {len(lines) - 8} more" if lines[8:] else "")
        return f"Of that name there is: {shown}." if lines else "There is nothing of that name."

    def series(self) -> set[tuple[str, frozenset[tuple[str, str]]]]:
        """The names and labels of what the app says of its requests and calls."""
        own = ("/metrics", "/health")  # which may count themselves, or not
        return {
            (name, frozenset(labels.items()))
            for name, labels, _ in self.samples
            if labels.get("route") not in own and not name.endswith("_created")
        }


OURS = re.compile(r"^(?:# TYPE )?(?:http|llm)_(?!\w*_(?:bucket|created)\b).*\n", re.M)


def scrape(app: App, whole: bool = False) -> Page:
    """GET /metrics as Prometheus sends it. Not in the evidence: it is asked again and again.

    To be quick, only lines of this lesson without buckets are read, unless the `whole` is wanted.
    """
    path = "/metrics"
    for _ in range(2):
        connection = http.client.HTTPConnection("127.0.0.1", app.process.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as problem:
            raise AssertionError(f"GET {path} got no answer ({problem!r}).") from None
        finally:
            connection.close()
        if answer.status not in (307, 308):  # Prometheus follows, too
            break
        path = urlsplit(answer.headers.get("Location", "")).path
    assert answer.status == 200, f"GET {path} was answered with {answer.status}."
    text = text if whole else "".join(OURS.findall(text))
    return Page(answer.headers.get("Content-Type", ""), text)


def risen(app: App, before: Page, name: str, by: float, what: str, **labels: str) -> Page:
    """Wait until these series have risen by so much since `before`; the page that says so."""
    page = before

    def look() -> bool:
        nonlocal page
        page = scrape(app)
        return page.total(name, **labels) - before.total(name, **labels) >= by

    eventually(look)
    rose(page, before, name, by, what, **labels)
    return page


def rose(page: Page, before: Page, name: str, by: float, what: str, **labels: str) -> None:
    """From the one page to the other these series have risen by so much."""
    got = page.total(name, **labels) - before.total(name, **labels)
    assert got == by, (
        f"{what} {name}{tell(labels)} should have risen by {by:g}. It has risen by {got:g}. "
        f"{page.lines_of(name)}"
    )


def has_risen_by_seconds(
    page: Page, before: Page, name: str, at_least: float, what: str, **labels: str
) -> None:
    """The sum of a histogram has risen by the time something took, and not by much more."""
    summed = f"{name}_sum"
    got = page.total(summed, **labels) - before.total(summed, **labels)
    assert at_least - 0.02 <= got < at_least + 10, (
        f"{what} {summed}{tell(labels)} has risen by {got:.4g}."
    )


# requests


@requests
def test_an_answer_is_counted_with_method_route_and_status(app: App, llm: FakeLLM) -> None:
    for path, body, reply, status, what in (
        ("/query?from=test", {"query": "Name a river."}, Reply(), 200, "We asked POST /query."),
        ("/stream", {"query": "Name a river."}, Reply(), 200, "We asked POST /stream."),
        ("/query", {"query": " "}, Reply(), 422, "We sent POST /query a blank query."),
        ("/query", {"query": "A?"}, Reply(status=500), 502, "The LLM failed on POST /query."),
        ("/stream", {"query": "A?"}, Reply(status=429), 503, "The LLM refused POST /stream."),
    ):
        llm.always(reply)
        before = scrape(app)
        got = app.post(path, json=body).status
        assert got == status, f"{what} Your app answered {got}, not {status}."
        labels = {"method": "POST", "route": path.partition("?")[0], "status": str(status)}
        page = risen(app, before, "http_requests_total", 1, what, **labels)
        rose(page, before, "http_requests_total", 1, what, method="POST")
        timed, route = "http_request_duration_seconds_count", labels["route"]
        risen(app, before, timed, 1, f"{what} The answer was {status}.", route=route)


@requests
def test_prometheus_can_read_the_metrics(app: App, llm: FakeLLM) -> None:
    ask(app)
    ask(app, path="/stream")
    eventually(lambda: scrape(app).total("http_requests_total", route="/stream"))
    page = scrape(app, whole=True)
    assert page.kind.partition(";")[0].strip().lower() == "text/plain", (
        f"GET /metrics has the Content-Type {page.kind!r}. Prometheus reads text/plain."
    )
    series = [(name, sorted(labels.items())) for name, labels, _ in page.samples]
    twice = next((one for one in series if series.count(one) > 1), None)
    assert twice is None, f"A series is on the page twice: {twice}."
    for name, kind in (
        ("http_requests_total", "counter"),
        ("http_request_duration_seconds_count", "histogram"),
    ):
        assert page.types.get(name) == kind, (
            f"The metric {name} should be part of a {kind}. "
            f"GET /metrics says {page.types.get(name)!r}."
        )


@requests
def test_every_answer_has_its_duration(app: App, llm: FakeLLM) -> None:
    llm.always(Reply(delay=0.3))
    before = scrape(app)
    ask(app)
    what = "The LLM took 0.3 s for an answer to POST /query."
    name = "http_request_duration_seconds"
    page = risen(app, before, f"{name}_count", 1, what, route="/query")
    has_risen_by_seconds(page, before, name, 0.3, what, route="/query")
    buckets = {
        labels.get("le")
        for sample, labels, _ in scrape(app, whole=True).samples
        if sample == f"{name}_bucket" and labels.get("route") == "/query"
    }
    assert "+Inf" in buckets and len(buckets) > 2, (
        f"The histogram {name} should have buckets for /query. "
        f"There are {sorted(map(str, buckets))}."
    )


@requests
def test_the_duration_of_a_stream_is_that_of_the_whole_stream(app: App, llm: FakeLLM) -> None:
    gate = Gate(1)
    llm.script(Reply(chunks=("one", " two"), gate=gate))
    before = scrape(app)
    with app.stream("/stream", json={"query": f"Count. {llm.nonce}"}) as stream:
        assert stream.next_event(5) is not None, "The LLM sent a text. The client got no event."
        time.sleep(0.4)
        gate.open()
        stream.events()
    what = "The LLM held its second text back for 0.4 s, then the stream went on to its end."
    name = "http_request_duration_seconds"
    page = risen(app, before, f"{name}_count", 1, what, route="/stream")
    has_risen_by_seconds(page, before, name, 0.4, what, route="/stream")


@requests
def test_a_stream_whose_client_has_left_is_counted(app: App, llm: FakeLLM) -> None:
    before = scrape(app)
    leave_a_stream(app, llm)
    what = "A client has left in the middle of a stream."
    risen(app, before, "http_requests_total", 1, what, route="/stream")
    risen(app, before, "http_request_duration_seconds_count", 1, what, route="/stream")


def paths_without_a_route(app: App, paths: list[str]) -> None:
    """GET each of them, over one connection: many of them are to be quick."""
    connection = http.client.HTTPConnection("127.0.0.1", app.process.port, timeout=10)
    try:
        for path in paths:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 404, f"GET {path} was answered with {answer.status}, not 404."
    except (OSError, http.client.HTTPException) as problem:
        raise AssertionError(f"We sent GET {paths[0]} and the like. {problem!r}") from None
    finally:
        connection.close()


def assert_nothing_new(page: Page, before: Page, kind: str, what: str) -> None:
    new = sorted(
        (one for one in page.series() - before.series() if one[0].startswith(kind)), key=str
    )
    shown = ", ".join(name + tell(dict(sorted(labels))) for name, labels in new[:3])
    assert not new, f"{what} On GET /metrics there are {len(new)} new series, such as {shown}."


@bounded
def test_unknown_paths_share_one_series(app: App, llm: FakeLLM) -> None:
    before = scrape(app)
    paths_without_a_route(app, [f"/nothing-{llm.nonce}/here"])
    first = risen(
        app, before, "http_requests_total", 1, "We asked for a path without a route.", status="404"
    )
    words = ("wp-admin", "users", ".env", "query/7", "stream/8", "a%20b")
    paths_without_a_route(app, [f"/{words[n % 6]}/{llm.nonce}-{n}" for n in range(200)])
    last = risen(
        app, first, "http_requests_total", 200, "We asked for 200 unknown paths.", status="404"
    )
    assert_nothing_new(last, first, "http", "We asked for 200 more paths without a route.")


@bounded
def test_methods_of_http_have_their_names(app: App, llm: FakeLLM) -> None:
    for method in ("DELETE", "PATCH", "PUT"):
        before = scrape(app)
        app.request(method, f"/nothing-{llm.nonce}")
        what = f"We sent {method} to a path without a route."
        risen(app, before, "http_requests_total", 1, what, method=method, status="404")


@bounded
def test_invented_methods_share_one_series(app: App, llm: FakeLLM) -> None:
    def counted() -> float:
        page = scrape(app)  # which is a GET, and may count itself
        name = "http_requests_total"
        return page.total(name) - page.total(name, method="GET")

    def send(*methods: str) -> None:
        before = counted()
        for method in methods:
            app.request(method, "/query")
            app.request(method, "/nothing/here")
        rise = 2 * len(methods)
        assert eventually(lambda: counted() - before >= rise), (
            f"We sent {' and '.join(methods)} to /query and to an unknown path, {rise} requests. "
            f"http_requests_total has risen by {counted() - before:g}."
        )

    send("BREW")
    before = scrape(app)
    send(*(f"BREW{number}" for number in range(8)))
    what = "We had sent BREW, then we sent BREW0 to BREW7, to the same paths."
    assert_nothing_new(scrape(app), before, "http", what)


# llm


def leave_a_stream(app: App, llm: FakeLLM, **headers: str) -> None:
    """Read the first event of a stream, then leave; the LLM waits in the middle of its answer."""
    llm.script(Reply(chunks=("one", " two", " three"), model="tiny-2-0613", gate=Gate(1)))
    body = {"query": f"Count. {llm.nonce}", "model": "tiny-2"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with app.stream("/stream", json=body, headers=named) as stream:
        assert stream.next_event(5) is not None, "The LLM sent a text. The client got no event."
        stream.hang_up()


def nothing_under_way(app: App, what: str) -> None:
    """The gauge is back at 0, at the latest after a moment."""
    name = "llm_requests_in_flight"
    at_zero = eventually(lambda: scrape(app).total(name) == 0)
    assert at_zero, f"{what} The {name} should be 0 again. {scrape(app).lines_of(name)}"


@llm_calls
def test_an_answered_call_is_counted_with_its_model_and_tokens(app: App, llm: FakeLLM) -> None:
    for path, usage in (("/query", Usage(101, 23)), ("/stream", Usage(57, 11))):
        llm.always(Reply(model="tiny-2-0613", usage=usage))
        before = scrape(app)
        ask(app, path=path)
        what = (
            f"POST {path} asked for tiny-2. The LLM said that tiny-2-0613 answers, with "
            f"{usage.prompt_tokens} and {usage.completion_tokens} tokens."
        )
        ok = {"model": "tiny-2-0613", "outcome": "ok"}
        page = risen(app, before, "llm_requests_total", 1, what, **ok)
        rose(page, before, "llm_requests_total", 1, what)
        for kind, tokens in (
            ("prompt", usage.prompt_tokens),
            ("completion", usage.completion_tokens),
        ):
            counted = {"model": "tiny-2-0613", "kind": kind}
            page = risen(app, before, "llm_tokens_total", tokens, what, **counted)
        rose(page, before, "llm_tokens_total", usage.total_tokens, what)
    for name, kind in (
        ("llm_requests_total", "counter"),
        ("llm_tokens_total", "counter"),
        ("llm_request_duration_seconds_count", "histogram"),
        ("llm_requests_in_flight", "gauge"),
    ):
        assert page.types.get(name) == kind, (
            f"The metric {name} should be part of a {kind}. "
            f"GET /metrics says {page.types.get(name)!r}."
        )


@llm_calls
def test_each_way_to_fail_has_its_outcome(app: App, llm: FakeLLM) -> None:
    start = scrape(app)
    for path in ("/query", "/stream"):
        for reply, outcome, what in (
            (Reply(status=500), "error", "answered 500"),
            (Reply(status=400), "error", "answered 400"),
            (Reply(status=503, retry_after=3), "error", "answered 503"),
            (Reply(status=429, retry_after=3), "rate_limited", "answered 429"),
            (Reply(body=b"<html>Hello</html>"), "error", "answered 200 and no JSON"),
            (Reply(hang_up_after=0), "error", "hung up"),
        ):
            llm.always(reply)
            before = scrape(app)
            ask(app, path=path)
            labels = {"model": "unknown", "outcome": outcome}
            said = f"We asked POST {path}, and the LLM {what}."
            page = risen(app, before, "llm_requests_total", 1, said, **labels)
            rose(page, before, "llm_requests_total", 1, said)
            risen(app, before, "llm_request_duration_seconds_count", 1, said)
    nothing_under_way(app, "Twelve calls have failed.")
    what = "Twelve calls have failed, none of which had a text."
    rose(scrape(app), start, "llm_time_to_first_token_seconds_count", 0, what)


@llm_calls
def test_a_silent_llm_is_a_timeout(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_TIMEOUT_SECONDS="0.4")
    llm.always(Reply(gate=Gate()))
    before = scrape(app)
    under_way = [begin(app, "Name a river.", path) for path in ("/query", "/stream")]
    statuses = [pending.result().status for pending in under_way]
    assert statuses == [504, 504], (
        f"The LLM was silent for POST /query and POST /stream. Your app answered {statuses}."
    )
    what = "The LLM said nothing to two calls for longer than LLM_TIMEOUT_SECONDS."
    risen(app, before, "llm_requests_total", 2, what, model="unknown", outcome="timeout")
    risen(app, before, "llm_request_duration_seconds_count", 2, what)
    nothing_under_way(app, what)


@llm_calls
def test_a_stream_that_breaks_is_an_error_of_its_model(app: App, llm: FakeLLM) -> None:
    chunks, model = ("one", " two", " three"), "tiny-2-0613"
    for reply, what in (
        (Reply(chunks=chunks, model=model, hang_up_after=2), "hung up"),
        (Reply(chunks=chunks, model=model, malformed_after=2), "said something that is no JSON"),
    ):
        llm.always(reply)
        before = scrape(app)
        ask(app, path="/stream")
        said = f"The LLM ({model}) {what} after two of three texts of a stream."
        broken = {"model": model, "outcome": "error"}
        page = risen(app, before, "llm_requests_total", 1, said, **broken)
        rose(page, before, "llm_requests_total", 1, said)
        nothing_under_way(app, said)


@llm_calls
def test_a_client_that_leaves_a_stream_cancels_its_call(app: App, llm: FakeLLM) -> None:
    before = scrape(app)
    leave_a_stream(app, llm)
    what = "A client has left in the middle of a stream."
    page = risen(app, before, "llm_requests_total", 1, what, outcome="cancelled")
    rose(page, before, "llm_requests_total", 1, what)
    risen(app, before, "llm_request_duration_seconds_count", 1, what)
    nothing_under_way(app, what)


@llm_calls
def test_a_client_that_leaves_before_the_first_text_leaves_nothing(app: App, llm: FakeLLM) -> None:
    for path in ("/query", "/stream"):
        gate = Gate()
        llm.script(Reply(model="tiny-2-0613", gate=gate))
        before = scrape(app)
        leaving = begin(app, f"Name a river. {llm.nonce}", path)
        assert gate.wait_for_waiting(1, within=5), f"We asked POST {path}. The LLM was not called."
        leaving.hang_up()
        llm.wait_for(lambda: llm.calls[-1].aborted, within=0.5)  # which not every app does
        gate.open()
        what = f"A client of POST {path} has left while the LLM said nothing yet."
        page = risen(app, before, "llm_requests_total", 1, what)
        risen(app, before, "llm_request_duration_seconds_count", 1, what)
        rose(page, before, "llm_requests_total", 0, what, model="tiny-2")
        nothing_under_way(app, what)


@llm_calls
def test_callers_cannot_make_series(app: App, llm: FakeLLM) -> None:
    def ask_for(model: str) -> None:
        llm.script(Reply(status=404), Reply(model="tiny-2-0613"), Reply(model="tiny-2-0613"))
        for path in ("/query", "/query", "/stream"):
            app.post(path, json={"query": "Name a river.", "model": model})

    before = scrape(app)
    ask_for(f"first-{llm.nonce}")
    counted = "llm_requests_total"
    first = risen(app, before, counted, 3, "Somebody asked for a model of their own invention.")
    for number in range(5):
        ask_for(f"more-{llm.nonce}-{number}")
    last = risen(app, first, counted, 15, "Somebody asked for five more such models.")
    what = "Somebody asked for five more models of their own invention."
    assert_nothing_new(last, first, "llm", what)


@llm_calls
def test_calls_under_way_are_in_the_gauge(app: App, llm: FakeLLM) -> None:
    gate = Gate()
    llm.always(Reply(gate=gate))
    paths = ("/query", "/query", "/stream")
    under_way = [begin(app, f"Name a river. {llm.nonce}", path) for path in paths]
    gate.wait_for_waiting(3, within=5)
    name = "llm_requests_in_flight"
    eventually(lambda: scrape(app).total(name) == 3)
    page = scrape(app)
    assert page.total(name) == 3, f"Three calls are waiting for the LLM. {page.lines_of(name)}"
    gate.open()
    for pending in under_way:
        pending.result()
    nothing_under_way(app, "Three calls have been answered.")


@llm_calls
def test_a_call_is_in_the_gauge_to_the_end_of_its_stream(app: App, llm: FakeLLM) -> None:
    gate = Gate(1)
    llm.script(Reply(chunks=("one", " two"), gate=gate))
    name = "llm_requests_in_flight"
    with app.stream("/stream", json={"query": f"Count. {llm.nonce}"}) as stream:
        assert stream.next_event(5) is not None, "The LLM sent a text. The client got no event."
        eventually(lambda: scrape(app).total(name) == 1, within=1)
        page = scrape(app)
        gate.open()
        stream.events()
    what = "The LLM had sent one text of a stream, and held the second one back."
    assert page.total(name) == 1, f"{what} The {name} should be 1. {page.lines_of(name)}"


@llm_calls
def test_the_duration_of_a_call_is_that_of_the_whole_call(app: App, llm: FakeLLM) -> None:
    name = "llm_request_duration_seconds"
    for path, reply in (
        ("/query", Reply(delay=0.3)),
        ("/stream", Reply(chunks=("one", " two"), chunk_delay=0.3)),
    ):
        llm.always(reply)
        before = scrape(app)
        ask(app, path=path)
        what = f"The LLM took 0.3 s for its answer to POST {path}."
        page = risen(app, before, f"{name}_count", 1, what)
        has_risen_by_seconds(page, before, name, 0.3, what)


@llm_calls
def test_what_is_refused_is_no_call(app: App, llm: FakeLLM) -> None:
    before = scrape(app)
    for path in ("/query", "/stream"):
        app.post(path, json={"query": " "})
    llm.always(Reply(model="tiny-2-0613"))
    ask(app)
    what = "Two blank queries were refused, and a third was answered."
    risen(app, before, "llm_requests_total", 1, what)


@first_token
def test_the_time_to_the_first_token_ends_with_the_first_text(app: App, llm: FakeLLM) -> None:
    gate = Gate(1)
    llm.script(Reply(chunks=("", "one", " two"), gate=gate))
    before = scrape(app)
    name = "llm_time_to_first_token_seconds"
    pending = begin(app, f"Count. {llm.nonce}", "/stream")
    assert gate.wait_for_waiting(1, within=5), "We asked POST /stream. The LLM was not called."
    llm.wait_for(lambda: llm.calls[0].chunks_sent == 1)
    time.sleep(0.4)
    gate.release()
    what = (
        "The LLM sent a chunk without text, 0.4 s later its first text, "
        "and it still holds the second text back."
    )
    page = risen(app, before, f"{name}_count", 1, what)
    has_risen_by_seconds(page, before, name, 0.4, what)
    kind = page.types[f"{name}_count"]
    assert kind == "histogram", f"The metric {name} should be a histogram. It is a {kind}."
    gate.open()
    pending.result()
    what = "The LLM held its second text back, and then the stream went on to its end."
    page = risen(app, before, "llm_requests_total", 1, what)
    rose(page, before, f"{name}_count", 1, what)
    ask(app)
    after = risen(app, page, "llm_requests_total", 1, "POST /query was answered.")
    rose(after, page, f"{name}_count", 0, "POST /query was answered, which is no stream.")


# logs


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses connections, and that nobody else can take meanwhile."""
    with socket.socket() as bound_but_not_listening:
        bound_but_not_listening.bind(("127.0.0.1", 0))
        yield bound_but_not_listening.getsockname()[1]


LEVELS = {
    "debug", "info", "information", "informational", "notice", "warn", "warning", "error", "err",
    "critical", "fatal",
}  # fmt: skip


def complete_lines(app: App) -> list[str]:
    """What is on stdout, up to the last end of a line."""
    return app.stdout.rpartition("\n")[0].splitlines()


def read_line(line: str) -> dict[str, Any] | None:
    with suppress(ValueError, RecursionError):
        read = json.loads(line)
        if isinstance(read, dict):
            return read
    return None


def lines_with(app: App, request_id: str) -> list[dict[str, Any]]:
    """The lines of that request that have a route."""
    read = (read_line(line) for line in complete_lines(app) if request_id[:6] in line)
    return [
        line
        for line in read
        if line and line.get("request_id") == request_id and line.get("route") is not None
    ]


def id_of(response: Response) -> str:
    request_id = response.headers.get("X-Request-ID")
    assert request_id, f"An answer (status {response.status}) has no X-Request-ID."
    return request_id


def line_of(app: App, request_id: str, what: str) -> dict[str, Any]:
    """The one line of that request, waited for."""
    eventually(lambda: lines_with(app, request_id))
    found = lines_with(app, request_id)
    last = "".join(f"\n{line[:200]}" for line in complete_lines(app)[-2:])
    assert found, (
        f"{what} Its X-Request-ID is {request_id}. No line on stdout is a JSON object with this "
        f"request_id and a route. {f'The last lines are:{last}' if last else 'Stdout is empty.'}"
    )
    assert len(found) == 1, f"{what} It has {len(found)} lines with a route: {found}."
    missing = sorted(
        {"timestamp", "level", "message", "method", "status", "duration_ms", "model", "tokens"}
        - found[0].keys()
    )
    assert not missing, f"{what} Its line has no {' and no '.join(missing)}: {found[0]}."
    for name in ("status", "duration_ms"):
        value = found[0][name]
        assert is_number(value), f"{what} Its line says {value!r} for {name}, which is no number."
    assert found[0]["method"] == "POST", f"{what} Its line says {found[0]['method']!r} for method."
    return found[0]


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@logs
def test_an_answered_request_has_one_line_that_says_what_it_was(app: App, llm: FakeLLM) -> None:
    for path, usage in (("/query", Usage(101, 23)), ("/stream", Usage(57, 11))):
        llm.always(Reply(model="tiny-2-0613", usage=usage, delay=0.2))
        answer = ask(app, path=path)
        what = f"POST {path} was answered, after the LLM had taken 0.2 s."
        line = line_of(app, id_of(answer), what)
        said = {name: line[name] for name in ("method", "route", "status", "model", "tokens")}
        true = {
            "method": "POST", "route": path, "status": 200,
            "model": "tiny-2-0613", "tokens": usage.total_tokens,
        }  # fmt: skip
        assert said == true and is_number(line["status"]), (
            f"{what} Its line should say {true}. It says {said}."
        )
        took = line["duration_ms"]
        assert is_number(took) and 190 <= took < 10_200, (
            f"{what} Its line says {took!r} for duration_ms."
        )
        assert str(line["level"]).lower() in LEVELS, (
            f"{what} Its line says {line['level']!r} for level."
        )
        assert isinstance(line["message"], str), (
            f"{what} Its line says {line['message']!r} for message, which is no text."
        )


@logs
def test_the_timestamp_is_iso_8601_in_utc(app: App, llm: FakeLLM) -> None:
    before = datetime.now(UTC)
    written = line_of(app, id_of(ask(app)), "POST /query was answered.")["timestamp"]
    now = datetime.now(UTC)
    try:
        read = datetime.fromisoformat(str(written))
    except ValueError:
        read = datetime.min.replace(tzinfo=UTC)
    moment = read if read.tzinfo else read.replace(tzinfo=UTC)
    margin = timedelta(seconds=2)
    right = before - margin <= moment <= now + margin and not moment.utcoffset()
    assert right, (
        f"We asked at {before:%Y-%m-%d %H:%M:%S} UTC, where the clocks of your app's machine are "
        f"nine hours ahead of that. Its line says {written!r} for timestamp."
    )


@logs
def test_a_request_that_fails_has_its_line_too(app: App, llm: FakeLLM) -> None:
    for path, body, reply, status, what in (
        ("/query", {"query": " "}, Reply(), 422, "We sent POST /query a blank query."),
        ("/stream", {"query": 7}, Reply(), 422, "We sent POST /stream a number."),
        ("/query", {"query": "A?"}, Reply(status=500), 502, "The LLM failed on POST /query."),
        ("/stream", {"query": "A?"}, Reply(status=500), 502, "The LLM failed on POST /stream."),
        ("/query", {"query": "A?"}, Reply(status=429), 503, "The LLM refused POST /query."),
        ("/stream", {"query": "A?"}, Reply(status=429), 503, "The LLM refused POST /stream."),
    ):
        llm.always(reply)
        answer = app.post(path, json={**body, "model": "tiny-2"})
        line = line_of(app, id_of(answer), f"{what} The answer was {answer.status}.")
        said = {name: line[name] for name in ("route", "status", "tokens")}
        true = {"route": path, "status": status, "tokens": None}
        assert said == true, f"{what} Its line should say {true}. It says {said}."
        assert line["model"] in (None, "tiny-2"), (
            f"{what} No model has answered. Its line says {line['model']!r} for model."
        )


@logs
def test_a_stream_has_its_line_when_it_has_ended(app: App, llm: FakeLLM) -> None:
    gate = Gate(1)
    llm.script(Reply(chunks=("one", " two"), model="tiny-2-0613", usage=Usage(5, 2), gate=gate))
    with app.stream("/stream", json={"query": f"Count. {llm.nonce}"}) as stream:
        assert stream.next_event(5) is not None, "The LLM sent a text. The client got no event."
        request_id = stream.headers.get("X-Request-ID", "")
        assert request_id, "The answer to POST /stream has no X-Request-ID."
        time.sleep(0.4)
        early = lines_with(app, request_id)
        gate.open()
        stream.events()
    assert not early, (
        f"The LLM held its second text back, and the stream went on. It had a line already: {early}"
    )
    what = "The LLM held its second text back for 0.4 s, then the stream went on to its end."
    line = line_of(app, request_id, what)
    said = line["duration_ms"], line["tokens"]
    assert is_number(said[0]) and 380 <= said[0] < 10_400 and said[1] == 7, (
        f"{what} It took 7 tokens. Its line says {said[0]!r} for duration_ms, {said[1]!r} for "
        "tokens."
    )


@logs
def test_a_stream_whose_client_has_left_has_one_line(app: App, llm: FakeLLM) -> None:
    request_id = f"left-{llm.nonce}"
    leave_a_stream(app, llm, X_Request_ID=request_id)
    what = "A client has left in the middle of a stream."
    line = line_of(app, request_id, what)
    assert line["route"] == "/stream" and is_number(line["status"]), (
        f"{what} Its line says {line['route']!r} for route and {line['status']!r} for status."
    )


@logs
def test_a_stream_that_breaks_has_one_line(app: App, llm: FakeLLM) -> None:
    llm.always(Reply(chunks=("one", " two"), model="tiny-2-0613", hang_up_after=1))
    answer = ask(app, path="/stream")
    what = "The LLM (tiny-2-0613) hung up in the middle of a stream."
    line = line_of(app, id_of(answer), what)
    assert line["status"] == 200 and line["route"] == "/stream", (
        f"{what} The client had got 200. The line says {line['status']!r} for status and "
        f"{line['route']!r} for route."
    )


@logs
def test_every_line_on_stdout_is_a_json_object(app: App, llm: FakeLLM) -> None:
    app.get("/nothing/here")
    app.get("/metrics")
    app.post("/query", json={"query": " "})
    llm.script(Reply(), Reply(status=500))
    ask(app)
    answer = ask(app)
    line_of(app, id_of(answer), "The LLM failed on POST /query.")
    other = [line for line in complete_lines(app) if read_line(line) is None]
    assert not other, (
        f"{len(other)} of {len(complete_lines(app))} lines on stdout are not a JSON object. "
        f"The first of them: {other[0][:200]!r}"
    )


@logs
def test_an_id_that_a_caller_sends_is_kept_or_replaced(app: App, llm: FakeLLM) -> None:
    for sent, kept in (
        (f"{llm.nonce}-7/8", True),
        (f'{llm.nonce}"}},{{"level":"\\n', True),
        (llm.nonce.ljust(128, "~"), True),
        (llm.nonce.ljust(129, "~"), False),
        (f"{llm.nonce} two words", False),
        (f"{llm.nonce}-é", False),
    ):
        answer = ask(app, X_Request_ID=sent)
        got = id_of(answer)
        assert (got == sent) == kept, (
            f"We sent the X-Request-ID {sent!r}. The answer has {got!r}. An id is kept when it is "
            "1 to 128 visible ASCII characters, else replaced."
        )
        line_of(app, got, f"POST /query was answered, sent with the X-Request-ID {sent!r}.")


@logs
def test_ids_never_cross(app: App, llm: FakeLLM) -> None:
    count = 8
    barrier = Barrier(count)
    under_way = []
    for number in range(count):
        reply = Reply(model=f"tiny-{number}", usage=Usage(number, 100), barrier=barrier)
        llm.when(f"question {number}.", reply)
    for number in range(count):
        path = "/stream" if number % 2 else "/query"
        request_id = f"cross-{llm.nonce}-{number}"
        query = f"This is question {number}."
        under_way.append((path, request_id, begin(app, query, path, X_Request_ID=request_id)))
    for number, (path, request_id, pending) in enumerate(under_way):
        what = f"{count} requests were under way at once. One of them, to {path}, was answered."
        got = id_of(pending.result())
        assert got == request_id, f"{what} It was sent as {request_id} and came back as {got}."
        line = line_of(app, request_id, what)
        said = line["route"], line["model"], line["tokens"]
        true = path, f"tiny-{number}", number + 100
        assert said == true, f"{what} Its line should say {true}. It says {said}."


@private
def test_nothing_that_was_said_is_in_the_logs(app: App, llm: FakeLLM) -> None:
    key = app.process.spec.environment["LLM_API_KEY"]
    prompt, said = f"secretprompt{llm.nonce}", f"secretanswer{llm.nonce}"
    good: dict[str, object] = {"query": f"I am {prompt}.", "model": "tiny-2"}
    bad = good | {"query": [f"I am {prompt}."]}
    quoted = f"Incorrect API key provided: {key}, for {prompt}. {said}"
    failing = (Reply(status=status, message=quoted) for status in (400, 401, 429, 500))
    for path, body, reply in (
        ("/query", good, Reply(text=f"You are {said}.")),
        ("/stream", good, Reply(text=f"You are {said}.")),
        ("/query", bad, Reply()),
        ("/stream", bad, Reply()),
        *((path, good, reply) for reply in failing for path in ("/query", "/stream")),
        ("/query", good, Reply(body=quoted.encode())),
        ("/stream", good, Reply(chunks=(said, said), malformed_after=1)),
    ):
        llm.always(reply)
        answer = app.post(path, json=body)
        line_of(app, id_of(answer), f"POST {path} was answered with {answer.status}.")
    not_printed(app, {prompt: "the prompt", said: "what the LLM said", key: "the key for the LLM"})


def not_printed(app: App, texts: dict[str, str]) -> None:
    printed = app.output
    for text, what in texts.items():
        line = next((line for line in printed.splitlines() if text in line), "")
        assert not line, f"Your app has printed {what}: {line[:300]!r}"


@private
def test_a_wait_in_vain_has_a_line_without_the_prompt(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_TIMEOUT_SECONDS="0.4")
    prompt = f"secretprompt{llm.nonce}"
    llm.always(Reply(silent_after=0))
    for path in ("/query", "/stream"):
        answer = ask(app, f"I am {prompt}.", path)
        what = f"The LLM said nothing to POST {path}. The answer was {answer.status}."
        line = line_of(app, id_of(answer), what)
        assert line["status"] == answer.status, f"{what} Its line says {line['status']}."
    not_printed(app, {prompt: "the prompt"})


@private
def test_a_client_that_leaves_has_one_line_without_the_prompt(app: App, llm: FakeLLM) -> None:
    prompt = f"secretprompt{llm.nonce}"
    for path in ("/query", "/stream"):
        gate, request_id = Gate(), f"{path[1:]}-{llm.nonce}"
        llm.script(Reply(gate=gate))
        leaving = begin(app, f"I am {prompt}.", path, X_Request_ID=request_id)
        assert gate.wait_for_waiting(1, within=5), f"We asked POST {path}. The LLM was not called."
        leaving.hang_up()
        llm.wait_for(lambda: llm.calls[-1].aborted, within=0.5)  # which not every app does
        gate.open()
        what = f"A client of POST {path} has left while the LLM said nothing yet."
        line = line_of(app, request_id, what)
        assert line["route"] == path, f"{what} Its line says {line['route']!r} for route."
    not_printed(app, {prompt: "the prompt"})
    other = [line for line in complete_lines(app) if read_line(line) is None]
    assert not other, f"A client has left. On stdout is no JSON object: {other[:1]}"


# probes


def becomes(app: App, path: str, status: int) -> bool:
    """Asked every 0.2 s, for three seconds and a little more, does it ever answer so?"""
    deadline = time.monotonic() + 4
    while (got := app.get(path, within=4).status) != status and time.monotonic() < deadline:
        time.sleep(0.2)
    return got == status


def assert_lives(app: App, what: str) -> None:
    got = app.get("/livez", within=4).status
    assert got == 200, f"{what} GET /livez was answered with {got}."


def models_asked(llm: FakeLLM) -> list[Call]:
    return [call for call in llm.requests if call.path == "/models"]


@probes
def test_readyz_asks_the_llm_for_its_models(app: App, llm: FakeLLM) -> None:
    assert becomes(app, "/readyz", 200), (
        "The LLM answers GET /models. For three seconds GET /readyz was not answered with 200."
    )
    deadline = time.monotonic() + 3.5  # an app may ask in the background, or know an answer still
    while not models_asked(llm) and time.monotonic() < deadline:
        time.sleep(0.2)
        app.get("/readyz", within=4)
    asked = models_asked(llm)
    assert asked, "We asked GET /readyz. The LLM was not asked for GET /models."
    llm.wait_for(lambda: asked[0].outcome != "open")
    assert asked[0].status == 200, (
        f"Your app asked the LLM for GET /models and got {asked[0].status}."
    )
    assert not llm.calls, "We asked GET /readyz. Your app called a model, which costs money."
    assert_lives(app, "The LLM answers.")


def lives_while_the_llm_is_silent(app: App, llm: FakeLLM) -> bool:
    """GET /livez is answered while the app waits for GET /models, if it asks at all."""

    def is_waiting() -> bool:
        return any(call.outcome == "open" for call in models_asked(llm))

    for _ in range(2):  # what the app knows from an earlier call may be fresh, for a second
        app.begin("GET", "/readyz")
        if llm.wait_for(is_waiting, within=1.2):
            break
    assert_lives(app, "The LLM took GET /models and said nothing.")
    # Had /livez had to wait for the end of that call, the LLM would know of it by now.
    return not models_asked(llm) or not llm.wait_for(lambda: not is_waiting(), within=0.5)


@probes
def test_a_silent_llm_makes_an_app_that_lives_and_is_not_ready(
    fresh_app: FreshApp, llm: FakeLLM
) -> None:
    gate = Gate()
    llm.always(Reply(gate=gate), path="/models")
    app = fresh_app()
    # Three times: on a busy machine the second in which the LLM is asked may just be over.
    assert any(lives_while_the_llm_is_silent(app, llm) for _ in range(3)), (
        "The LLM took GET /models and said nothing, and we asked GET /livez. "
        "It was answered only when your app no longer waited for the LLM."
    )
    what = "The LLM took GET /models and said nothing."
    assert becomes(app, "/readyz", 503), (
        f"{what} For three seconds GET /readyz was not answered with 503."
    )
    llm.always(Reply(), path="/models")
    gate.open()
    assert becomes(app, "/readyz", 200), (
        "The LLM had been silent, and then it answered again. "
        "For three seconds GET /readyz was not answered with 200."
    )


def seconds_for_readyz(app: App) -> float:
    """How long the answer takes when nothing is known from before."""
    time.sleep(1.1)
    begun = time.monotonic()
    app.get("/readyz", within=8)
    return time.monotonic() - begun


@probes
def test_a_probe_waits_for_a_second_at_most(app: App, llm: FakeLLM) -> None:
    llm.always(Reply(gate=Gate()), path="/models")
    # Three times, and the first short one will do: a busy machine makes each of them longer.
    took: list[float] = []
    while (not took or took[-1] > 2) and len(took) < 3:
        took.append(seconds_for_readyz(app))
    assert took[-1] <= 2, (
        "The LLM took GET /models and said nothing. Three times we asked GET /readyz, and its "
        f"answers took {', '.join(f'{each:.1f}' for each in took)} s."
    )


@probes
def test_an_llm_that_fails_makes_an_app_that_is_not_ready(app: App, llm: FakeLLM) -> None:
    app.get("/readyz")  # while all is well
    llm.always(Reply(status=500), path="/models")
    what = "The LLM answered GET /models with 500."
    assert becomes(app, "/readyz", 503), (
        f"{what} For three seconds GET /readyz was not answered with 503."
    )
    assert_lives(app, what)


@probes
def test_an_llm_that_hangs_up_makes_an_app_that_is_not_ready(app: App, llm: FakeLLM) -> None:
    llm.always(Reply(hang_up_after=0), path="/models")
    what = "The LLM closed the connection when it was asked GET /models."
    assert becomes(app, "/readyz", 503), (
        f"{what} For three seconds GET /readyz was not answered with 503."
    )
    assert_lives(app, what)


@probes
def test_an_llm_that_is_gone_makes_an_app_that_lives_and_is_not_ready(
    fresh_app: FreshApp, llm: FakeLLM, closed_port: int
) -> None:
    app = fresh_app(LLM_BASE_URL=f"http://127.0.0.1:{closed_port}/v1")
    what = "Nobody listens at LLM_BASE_URL."
    assert_lives(app, what)
    assert becomes(app, "/readyz", 503), (
        f"{what} For three seconds GET /readyz was not answered with 503."
    )


@probes
def test_however_many_ask_the_llm_is_asked_once_a_second(app: App, llm: FakeLLM) -> None:
    for reply, said in (
        (Reply(delay=0.3), "with 200"),
        (Reply(status=500, delay=0.3), "with 500"),
        (Reply(hang_up_after=0, delay=0.3), "by hanging up"),
    ):
        llm.always(reply, path="/models")
        time.sleep(1.1)  # so that nothing from before is fresh
        begun = time.monotonic()
        for pending in [app.begin("GET", "/readyz") for _ in range(10)]:
            pending.result()
        for _ in range(10):
            app.get("/readyz")
        seconds = time.monotonic() - begun
        asked = sum(call.received_at >= begun for call in models_asked(llm))
        assert asked <= seconds + 1, (
            f"The LLM answered GET /models {said}. We waited for a second, then asked "
            "GET /readyz ten times at once and ten times more, all within "
            f"{seconds:.1f} s. The LLM was asked for GET /models {asked} times."
        )


# workers


def totals(app: App) -> dict[str, float]:
    page = scrape(app)
    return {
        "http_requests_total": page.total("http_requests_total", route="/query", status="200"),
        "http_request_duration_seconds_count": page.total(
            "http_request_duration_seconds_count", route="/query"
        ),
        "llm_requests_total": page.total("llm_requests_total", outcome="ok"),
        "llm_tokens_total": page.total("llm_tokens_total", kind="completion"),
    }


def assert_totals(app: App, answered: int, what: str) -> None:
    """All totals are those of so many answers of three tokens each."""
    true = dict.fromkeys(totals(app), float(answered)) | {"llm_tokens_total": 3.0 * answered}
    eventually(lambda: totals(app) == true)
    got = totals(app)
    assert got == true, f"{what} Its totals should be {true}. They are {got}."


@workers
def test_every_worker_tells_the_totals_of_all(
    fresh_app: FreshApp, llm: FakeLLM, tmp_path: Path
) -> None:
    llm.always(Reply(usage=Usage(4, 3)))
    first, second = (fresh_app(PROMETHEUS_MULTIPROC_DIR=str(tmp_path)) for _ in range(2))
    for answered, app in enumerate((first, second, second, first), start=1):
        assert ask(app).status == 200, "A good question was not answered."
        for worker, name in ((first, "first"), (second, "second")):
            what = f"Questions that two workers have answered: {answered}. We scraped the {name}."
            assert_totals(worker, answered, what)


@workers
def test_totals_outlive_a_worker(fresh_app: FreshApp, llm: FakeLLM, tmp_path: Path) -> None:
    llm.always(Reply(usage=Usage(4, 3)))
    first = fresh_app(PROMETHEUS_MULTIPROC_DIR=str(tmp_path))
    for _ in range(2):
        assert ask(first).status == 200, "A good question was not answered."
    assert_totals(first, 2, "A worker has answered two questions. We scraped it.")
    first.kill()
    second = fresh_app(PROMETHEUS_MULTIPROC_DIR=str(tmp_path))
    what = "A worker was killed after two answers, and another took its place."
    assert_totals(second, 2, f"{what} We scraped the new one.")
    assert ask(second).status == 200, "A good question was not answered."
    assert_totals(second, 3, f"{what} The new one has answered one question.")


# trace


TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")


def upstream_trace(llm: FakeLLM, what: str) -> tuple[str, str]:
    """The trace id and the parent id of the latest call."""
    assert llm.calls, f"{what} The LLM was not called."
    sent = llm.calls[-1].headers.get("traceparent")
    found = TRACEPARENT.fullmatch(sent or "")
    assert found, f"{what} The call to the LLM should have a valid traceparent. " + (
        f"It has {sent!r}." if sent else "It has none."
    )
    return found[1], found[2]


@trace
def test_the_trace_of_the_caller_goes_upstream(app: App, llm: FakeLLM) -> None:
    trace_id, parent_id = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    sent = f"00-{trace_id}-{parent_id}-01"
    parents = {parent_id}
    for path in ("/query", "/stream", "/query"):
        ask(app, path=path, traceparent=sent)
        what = f"We sent POST {path} with the traceparent {sent}."
        got, parent = upstream_trace(llm, what)
        assert got == trace_id, f"{what} The trace id upstream is {got}."
        assert parent not in parents, f"{what} The parent id upstream, {parent}, is not new."
        parents.add(parent)


@trace
def test_traces_never_cross(app: App, llm: FakeLLM) -> None:
    gate = Gate()
    llm.always(Reply(gate=gate))
    under_way, traces = [], {f"Question {digit}?": digit * 32 for digit in "123456789abc"}
    for number, (query, trace_id) in enumerate(traces.items()):
        sent = f"00-{trace_id}-00f067aa0ba902b7-01"
        under_way.append(begin(app, query, ("/query", "/stream")[number % 2], traceparent=sent))
    gate.wait_for_waiting(len(traces), within=5)
    gate.open()
    for pending in under_way:
        pending.result()
    heard = {call.prompt: call.headers.get("traceparent", "")[3:35] for call in llm.calls}
    assert heard == traces, (
        f"Twelve requests were under way at once, each of a trace of its own: {traces}. "
        f"Upstream were {heard}."
    )


@trace
def test_a_request_without_a_trace_begins_one(app: App, llm: FakeLLM) -> None:
    seen = set()
    for path in ("/query", "/stream", "/query"):
        ask(app, path=path)
        trace_id, _ = upstream_trace(llm, f"We sent POST {path} without a traceparent.")
        assert trace_id not in seen, f"Two requests without a trace have the same one, {trace_id}."
        seen.add(trace_id)


@trace
def test_an_invalid_traceparent_begins_a_new_trace(app: App, llm: FakeLLM) -> None:
    trace_id, parent_id = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    for sent in (
        f"00-{'0' * 32}-{parent_id}-01",
        f"00-{trace_id}-{'0' * 16}-01",
        f"ff-{trace_id}-{parent_id}-01",
        f"00-{trace_id[:-1]}g-{parent_id}-01",
        f"00-{trace_id[:-1]}-{parent_id}-01",
        f"00-{trace_id}-{parent_id}-01-more",
        f"00-{trace_id}-{parent_id}",
        f"00-{trace_id}",
        "hello",
    ):
        ask(app, traceparent=sent)
        what = f"We sent POST /query with the traceparent {sent!r}, which is not valid."
        got, _ = upstream_trace(llm, what)
        assert got != trace_id, f"{what} Its trace id went upstream all the same."
