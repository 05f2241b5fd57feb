"""Lesson errors: every failure has one shape, and none of them makes others."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest

from course.fake_llm import Barrier, Call, FakeLLM, Gate, Reply
from course.grading.suite import App, FreshApp, NoAnswer, Pending, Response

SETTINGS = {"API_KEYS": '{"ada-laptop": "ada", "ben-laptop": "ben"}'}
ADA = {"Authorization": "Bearer ada-laptop"}
BEN = {"Authorization": "Bearer ben-laptop"}
VISIBLE = "".join(map(chr, range(0x21, 0x7F)))  # ASCII
GOOD = {"query": "Name a river.", "model": "tiny-2"}
LIMIT = 64 * 1024
CHUNKED = {"Transfer-Encoding": "chunked"}
DOWN = Reply(status=500)

problem = pytest.mark.exercise(
    "problem",
    look="one-shape",
    idea="Who writes the body of this answer, and has it been told of your shape?",
)
request_id = pytest.mark.exercise(
    "request-id",
    look="an-id-that-is-everywhere",
    idea="A caller reads an id to you on the phone. Where do you look for it?",
)
no_leak = pytest.mark.exercise(
    "no-leak",
    look="say-what-they-can-use",
    idea="Which part of this answer comes from an exception, or from somebody else?",
)
retry = pytest.mark.exercise(
    "retry",
    look="try-again-a-little-later",
    idea="Would the same call go better in a moment? When is that moment, and for whom?",
)
deadline = pytest.mark.exercise(
    "retry",
    look="a-deadline-for-all-of-it",
    idea="How long may all calls and waits of one request take together?",
)
body = pytest.mark.exercise(
    "body",
    look="count-what-you-read",
    idea="How much of a body have you read by the time you know that it is too much?",
)
breaker = pytest.mark.exercise(
    "breaker",
    look="stop-asking",
    idea="What does your app know of the LLM now, and who finds out whether it is back?",
)
overload = pytest.mark.exercise(
    "overload",
    look="say-no-early",
    idea="How many are inside now, and on which ways do they get out?",
)
hang_up = pytest.mark.exercise(
    "overload",
    look="notice-who-has-left",
    idea="Nobody will read this answer. Who in your app could have noticed?",
)
models = pytest.mark.exercise(
    "models",
    look="rules-of-your-own",
    idea="Which models may be asked for, and who says so to the caller?",
)


# What the tests do


def ask(app: App, within: float | None = None, **changes: Any) -> Response:
    """One question of ada's."""
    return app.post("/query", json={**GOOD, **changes}, headers=ADA, within=within)


def begin(app: App, headers: Mapping[str, str] | None = None, **changes: Any) -> Pending:
    """The same, without waiting for the answer."""
    return app.begin("POST", "/query", json={**GOOD, **changes}, headers=headers or ADA)


def ask_each(app: App, llm: FakeLLM, replies: Mapping[str, Reply]) -> dict[str, Response]:
    """All these questions at once, each with a reply of its own; their answers."""
    for prompt, reply in replies.items():
        llm.when(prompt, reply)
    pending = {prompt: begin(app, query=prompt) for prompt in replies}
    return {prompt: each.result() for prompt, each in pending.items()}


def calls_with(llm: FakeLLM, prompt: str) -> list[Call]:
    return [call for call in llm.calls if call.prompt == prompt]


def send(app: App, content: bytes, headers: Mapping[str, str] | None = None) -> Response:
    """These bytes as ada's question."""
    return app.post("/query", content=content, headers={**ADA, **(headers or {})})


def of_size(size: int) -> bytes:
    """A good question of that many bytes: white space between its members is the filling."""
    start, end = b'{"query": "Name a river.",', b'"model": "tiny-2"}'
    return start + b" " * (size - len(start) - len(end)) + end


def once_more(look: Callable[[], bool], within: float) -> bool:
    """Look again and again until it is so; whether it was."""
    until = time.monotonic() + within
    while not (seen := look()) and time.monotonic() < until:
        time.sleep(0.05)
    return seen


def sane(text: str) -> bool:
    return 1 <= len(text) <= 128 and all("!" <= character <= "~" for character in text)


def retry_after_of(response: Response, what: str) -> int:
    """The whole seconds of its `Retry-After`, at least 1."""
    told = response.headers.get("Retry-After")
    assert told is not None, f"{what} The 503 has no Retry-After."
    assert told.isdecimal() and int(told) >= 1, (
        f"{what} The 503 says Retry-After: {told!r}, which is no number of seconds from 1."
    )
    return int(told)


# problem


def assert_problem(response: Response, what: str) -> None:
    """The shape of a failure, by RFC 9457."""
    kind = response.headers.get("Content-Type", "none").partition(";")[0].strip().lower()
    assert kind == "application/problem+json", (
        f"{what} The answer (status {response.status}) has the Content-Type {kind}."
    )
    document = response.json()
    assert isinstance(document, dict), f"{what} The body of the answer is no JSON object."
    for member in ("type", "title", "detail", "request_id"):
        value = document.get(member)
        assert isinstance(value, str) and value, (
            f"{what} The answer (status {response.status}) has {value!r} for {member}."
        )
    assert document.get("status") == response.status, (
        f"{what} The status of the answer is {response.status}, "
        f"and its body says {document.get('status')!r}."
    )


@problem
def test_a_refused_request_is_a_problem(app: App, llm: FakeLLM) -> None:
    nobody = {"Authorization": "Bearer nobody-knows-this"}
    for method, path, sent, headers, status in (
        ("POST", "/query", GOOD, None, 401),
        ("POST", "/query", GOOD, nobody, 401),
        ("POST", "/query", {"query": " "}, ADA, 422),
        ("POST", "/query", {"temperature": "warm"}, ADA, 422),
        ("GET", "/query", None, ADA, 405),
        ("GET", f"/{llm.nonce}", None, ADA, 404),
    ):
        what = f"We sent {method} {path}{f' with {sent}' if sent else ''}."
        if status == 401:
            what = f"{what[:-1]} and {'a wrong' if headers else 'no'} token."
        response = app.request(method, path, json=sent, headers=headers)
        assert response.status == status, f"{what} The answer was {response.status}, not {status}."
        assert_problem(response, what)


@problem
def test_a_refused_body_is_a_problem(app: App, llm: FakeLLM) -> None:
    for content, headers, what in (
        (of_size(LIMIT + 1), None, "We sent more than 64 KiB."),
        (of_size(LIMIT + 1), CHUNKED, "We sent more than 64 KiB, in chunks."),
        (b'{"query": ', None, "We sent half a JSON object."),
    ):
        response = send(app, content, headers)
        if response.status != 200:  # whether it is refused is asked elsewhere
            assert_problem(response, what)


@problem
def test_a_crash_is_a_problem(app: App, llm: FakeLLM) -> None:
    response = app.get("/debug/crash")
    assert response.status == 500, f"GET /debug/crash was answered with {response.status}, not 500."
    assert_problem(response, "We sent GET /debug/crash.")


@problem
def test_a_failure_of_the_llm_is_a_problem(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_TIMEOUT_SECONDS="0.5")
    replies = {
        "The LLM refused the call with 400.": Reply(status=400),
        "The LLM answered 200 and no JSON.": Reply(body=b"<html>Hello</html>"),
        "The LLM answered 429, each time.": Reply(status=429),
        "The LLM said nothing for longer than LLM_TIMEOUT_SECONDS.": Reply(silent_after=0),
    }
    answers = ask_each(app, llm, replies)
    for (what, response), status in zip(answers.items(), (502, 502, 503, 504), strict=True):
        assert response.status == status, (
            f"{what} Your app answered {response.status}, not {status} as in lesson basic."
        )
        assert_problem(response, what)


@problem
def test_a_refusal_that_spares_somebody_is_a_problem(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_IN_FLIGHT="5")
    gate = Gate()
    llm.always(Reply(status=500, gate=gate))
    under_way = [begin(app) for _ in range(5)]
    gate.wait_for_waiting(5, within=3)
    sixth = begin(app)
    once_more(lambda: sixth.finished or gate.waiting > 5, within=3)
    gate.open()
    what = "MAX_IN_FLIGHT was 5, five questions were being answered, and we asked a sixth."
    assert_problem(sixth.result(), what)
    for pending in under_way:
        assert_problem(pending.result(), "The LLM answered 500.")
    assert_problem(ask(app), "Five questions had failed because the LLM was down, and we asked on.")


@problem
def test_a_good_answer_is_no_problem(app: App, llm: FakeLLM) -> None:
    llm.script(Reply("The Rhine."))
    response = ask(app)
    assert response.status == 200, f"A good question was answered with {response.status}."
    kind = response.headers.get("Content-Type", "none").partition(";")[0]
    assert kind == "application/json", f"A good answer has the Content-Type {kind}."
    document = response.json()
    assert set(document) == {"response", "model", "tokens_used"}, (
        f"A good answer has the members {', '.join(document)}."
    )
    assert document["response"] == "The Rhine.", (
        f"The LLM said 'The Rhine.'; your app said {document['response']!r}."
    )


# request-id


def id_of(response: Response) -> str:
    found = response.headers.get("X-Request-ID")
    assert found, f"The answer (status {response.status}) has no X-Request-ID."
    return found


@request_id
def test_a_sane_id_is_kept(app: App, llm: FakeLLM) -> None:
    for sent in (f"order-{llm.nonce}/7", f"~{llm.nonce}".ljust(128, "!"), "7", VISIBLE):
        got = id_of(app.post("/query", json=GOOD, headers={**ADA, "X-Request-ID": sent}))
        assert got == sent, f"We sent the X-Request-ID {sent!r}. The answer has {got!r}."


@request_id
def test_every_answer_has_the_id(app: App, llm: FakeLLM) -> None:
    llm.always(Reply(status=400))
    large, half = of_size(LIMIT + 1), b'{"query": '
    for number, (method, path, content, headers) in enumerate(
        (
            ("GET", "/health", None, {}),
            ("POST", "/query", of_size(50), {}),
            ("POST", "/query", of_size(50), ADA),
            ("POST", "/query", half, ADA),
            ("POST", "/query", large, ADA),
            ("POST", "/query", large, {**ADA, **CHUNKED}),
            ("GET", "/query", None, ADA),
            ("GET", f"/{llm.nonce}", None, {}),
            ("GET", "/debug/crash", None, {}),
        )
    ):
        sent = f"{llm.nonce}-{number}"
        response = app.request(
            method, path, content=content, headers={**headers, "X-Request-ID": sent}
        )
        got = response.headers.get("X-Request-ID")
        assert got == sent, (
            f"We sent {method} {path} with the X-Request-ID {sent!r}. "
            f"The answer (status {response.status}) has {got!r}."
        )
        said = sent
        with suppress(AssertionError, AttributeError):  # no JSON object: asked elsewhere
            said = response.json().get("request_id", sent)
        assert said == sent, (
            f"The X-Request-ID of an answer (status {response.status}) is {sent!r}, "
            f"and its body says {said!r}."
        )


@request_id
def test_an_answer_that_spares_somebody_has_the_id(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_IN_FLIGHT="5", LLM_TIMEOUT_SECONDS="1")
    llm.always(Reply(silent_after=0))
    sent = [f"{llm.nonce}-{number}" for number in range(7)]
    under_way = [begin(app, {**ADA, "X-Request-ID": name}) for name in sent[:5]]
    llm.wait_for(lambda: len(llm.calls) >= 5, within=3)
    under_way.append(begin(app, {**ADA, "X-Request-ID": sent[5]}))
    answers = [each.result() for each in under_way]
    answers.append(begin(app, {**ADA, "X-Request-ID": sent[6]}).result())
    for name, response in zip(sent, answers, strict=True):
        got = response.headers.get("X-Request-ID")
        assert got == name, (
            "MAX_IN_FLIGHT was 5, and the LLM was silent for five questions. We asked one while "
            f"they waited and one after they had failed. One of the seven had the X-Request-ID "
            f"{name!r}; its answer (status {response.status}) has {got!r}."
        )


@request_id
def test_a_request_without_an_id_gets_a_new_one(app: App, llm: FakeLLM) -> None:
    made = [id_of(app.get(path)) for path in ("/health", "/health", f"/{llm.nonce}")]
    made += [id_of(ask(app)), id_of(ask(app))]
    assert all(map(sane, made)), f"We sent no X-Request-ID. The answers had {made}."
    assert len(set(made)) == len(made), (
        f"We sent {len(made)} requests without an X-Request-ID. The answers had {made}."
    )


@request_id
def test_an_id_that_is_not_sane_is_not_passed_on(app: App, llm: FakeLLM) -> None:
    for sent in (f"{llm.nonce} two words", f"{llm.nonce}é", llm.nonce.ljust(129, "x"), ""):
        before = len(llm.calls)
        got = id_of(app.post("/query", json=GOOD, headers={**ADA, "X-Request-ID": sent}))
        assert sane(got) and (not sent or llm.nonce not in got), (
            f"We sent the X-Request-ID {sent!r}, which is not 1 to 128 visible ASCII characters. "
            f"The answer has {got!r}."
        )
        for call in llm.calls[before:]:
            heard = call.headers.get("x-request-id", "")
            assert not sent or llm.nonce not in heard, (
                f"We sent the X-Request-ID {sent!r}, which is not sane. The LLM heard {heard!r}."
            )


@request_id
def test_the_llm_hears_the_id(app: App, llm: FakeLLM) -> None:
    sent = f"order-{llm.nonce}"
    llm.script(Reply(status=503))
    app.post("/query", json=GOOD, headers={**ADA, "X-Request-ID": sent})
    first = len(llm.calls)
    made = id_of(ask(app))
    heard = [call.headers.get("x-request-id") for call in llm.calls]
    assert heard == [sent] * first + [made], (
        f"We asked with the X-Request-ID {sent!r}, and the first call of the LLM failed. Then we "
        f"asked without an id: that answer had {made!r}. The LLM heard {heard}."
    )


@request_id
def test_the_log_has_the_id(app: App, llm: FakeLLM) -> None:
    for method, path in (("POST", "/query"), ("GET", "/debug/crash")):
        sent = f"{llm.nonce}-{path.rpartition('/')[2]}"
        json = GOOD if method == "POST" else None
        response = app.request(method, path, json=json, headers={**ADA, "X-Request-ID": sent})
        assert app.wait_for_output(sent, within=3), (
            f"We sent {method} {path} with the X-Request-ID {sent!r} and got {response.status}. "
            "Three seconds later your app had printed nothing with that id."
        )


@request_id
def test_the_log_has_the_id_of_a_failure(app: App, llm: FakeLLM) -> None:
    for status in (400, 429):
        llm.always(Reply(status=status))
        sent = f"{llm.nonce}-{status}"
        response = app.post("/query", json=GOOD, headers={**ADA, "X-Request-ID": sent})
        assert app.wait_for_output(sent, within=3), (
            f"We asked with the X-Request-ID {sent!r}, the LLM answered {status}, and your app "
            f"{response.status}. Three seconds later it had printed nothing with that id."
        )


@request_id
def test_requests_under_way_at_once_keep_their_ids(app: App, llm: FakeLLM) -> None:
    gate = Gate()
    llm.always(Reply(gate=gate))
    sent = [f"{llm.nonce}-{number}" for number in range(3)]
    pending = []
    for number, name in enumerate(sent):
        pending.append(begin(app, {**ADA, "X-Request-ID": name}, query=f"Question {name}?"))
        gate.wait_for_waiting(number + 1, within=3)
    gate.open()
    got = [each.result().headers.get("X-Request-ID") for each in pending]
    assert got == sent, f"Three requests were under way, {sent}. Their answers have {got}."
    for call in llm.calls:
        heard = call.headers.get("x-request-id", "no id")
        assert heard in call.prompt, (
            f"Three requests were under way, {sent}. The LLM was asked {call.prompt!r} "
            f"with the X-Request-ID {heard!r}."
        )
    for name in sent:
        assert app.wait_for_output(name, within=3), (
            f"Three requests were under way, {sent}, and were answered. Three seconds later your "
            f"app had printed nothing with {name!r}."
        )


# no-leak


def assert_nothing_of(secrets: Mapping[str, str], response: Response, what: str) -> None:
    """None of these texts is in the answer."""
    shown = f"{list(response.headers.pairs)} {response.text}"
    for name, secret in secrets.items():
        assert secret not in shown, f"{what} The answer (status {response.status}) has {name}."


@no_leak
def test_a_crash_tells_nothing_of_the_inside(app: App, llm: FakeLLM) -> None:
    response = app.get("/debug/crash")
    assert response.status == 500, f"GET /debug/crash was answered with {response.status}, not 500."
    environment = app.process.spec.environment
    inside = {
        "the key of the LLM in it": environment["LLM_API_KEY"],
        "the LLM's address in it": environment["LLM_BASE_URL"],
        "a trace in it": "Traceback",
        "a line of a trace in it": ", line ",
        "the path of your folder in it": str(app.process.spec.folder),
        "the name of a Python file in it": ".py",
        "the type of the exception in it": "RuntimeError",
    }
    assert_nothing_of(inside, response, "We sent GET /debug/crash.")
    status = app.get("/health").status
    assert status == 200, f"After a crash GET /health was answered with {status}."


@no_leak
def test_nothing_the_llm_says_in_a_failure_is_passed_on(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app()
    said = f"quota of {llm.nonce} exceeded"
    environment = app.process.spec.environment
    inside = {
        "what the LLM said in it": llm.nonce,
        "the key of the LLM in it": environment["LLM_API_KEY"],
        "the LLM's address in it": environment["LLM_BASE_URL"].partition("//")[2],
    }
    replies = {
        "The LLM answered 500 and a reason.": Reply(status=500, message=said),
        "The LLM answered 400 and a reason.": Reply(status=400, message=said),
        "The LLM answered 429 and a reason.": Reply(status=429, message=said),
        "The LLM answered 200 and a text that is no JSON.": Reply(body=said.encode()),
        "The LLM closed the connection without an answer.": Reply(hang_up_after=0),
    }
    for what, response in ask_each(app, llm, replies).items():
        assert_nothing_of(inside, response, what)


def without_id(response: Response) -> str:
    """The body without what differs from request to request."""
    document = response.json()
    if isinstance(document, dict):
        document = {name: value for name, value in document.items() if name != "request_id"}
    return str(document)


def refused(app: App, sent: object) -> Response:
    """The answer to a question that breaks a rule."""
    response = app.post("/query", json=sent, headers=ADA)
    shown = str(sent) if len(str(sent)) < 120 else f"{str(sent)[:120]}..."
    assert response.status == 422, f"We sent {shown}. The answer was {response.status}, not 422."
    return response


@no_leak
def test_a_422_names_the_field(app: App, llm: FakeLLM) -> None:
    for sent, field in (
        ({"query": "Name a river.", "temperature": 9}, "temperature"),
        ({"query": "Name a river.", "temperature": "warm"}, "temperature"),
        ({"query": "Name a river.", "model": ["a", "b"]}, "model"),
        ({"query": " "}, "query"),
        ({"temperature": 1}, "query"),
    ):
        text = refused(app, sent).text
        assert field in text, f"We sent {sent}. The 422 does not name {field}."


@no_leak
def test_a_422_names_the_rule(app: App, llm: FakeLLM) -> None:
    broken = {"temperature": 1}, {"query": ["a"]}, {"query": "a" * 8001}
    missing, no_text, too_long = (without_id(refused(app, sent)) for sent in broken)
    names_it = "8000" in "".join(filter(str.isdecimal, too_long))
    assert names_it or too_long not in (missing, no_text), (
        "We sent no query at all, then a list, then one of 8,001 characters. "
        "The last answer is the same as one before, and does not say what is allowed."
    )


@no_leak
def test_a_422_does_not_repeat_the_input(app: App, llm: FakeLLM) -> None:
    secret = f"sk-{llm.nonce}"
    for sent in (
        {"query": "Name a river.", "temperature": secret},
        {"query": [secret]},
        {"query": secret.ljust(8001, "x")},
        {"query": {"text": secret}, "model": secret},
        {"question": secret},
        [secret],
        secret,
    ):
        text = refused(app, sent).text
        assert secret not in text, f"We sent {str(sent)[:80]}. The 422 has {secret!r} in it."
    response = send(app, f'{{"query": "{secret}", '.encode())
    assert secret not in response.text, (
        f"We sent half a JSON object with {secret!r} in it. The answer has that, too."
    )


# retry


def answer_first_with(*replies: Reply) -> Callable[[Call], Reply]:
    """For `behave`: each prompt gets these replies in turn, and then good ones."""
    heard: dict[str, int] = {}

    def reply(call: Call) -> Reply:
        heard[call.prompt] = turn = heard.get(call.prompt, -1) + 1
        return replies[turn] if turn < len(replies) else Reply()

    return reply


def waits(calls: list[Call]) -> list[float]:
    """The seconds between the end of each call and the beginning of the next."""
    return [after.received_at - (before.ended_at or 0.0) for before, after in pairwise(calls)]


@retry
def test_a_refused_call_is_not_repeated(app: App, llm: FakeLLM) -> None:
    replies = {f"Will you say {status}?": Reply(status=status) for status in (400, 401, 404)}
    for prompt, response in ask_each(app, llm, replies).items():
        status, count = replies[prompt].status, len(calls_with(llm, prompt))
        what = f"The LLM refused a call with {status}."
        assert count == 1, f"{what} It was called {count} times."
        assert response.status == 502, f"{what} Your app answered {response.status}, not 502."


@retry
def test_a_passing_failure_is_not_the_callers(app: App, llm: FakeLLM) -> None:
    all_waits = []
    for first, second in ((503, 503), (500, 429)):
        llm.reset()
        llm.script(Reply(status=first), Reply(status=second), Reply("The Rhine."))
        response = ask(app)
        what = f"The LLM answered {first}, then {second}, and would then have said 'The Rhine.'."
        assert response.status == 200, f"{what} Your app answered {response.status}."
        assert len(llm.calls) == 3, f"{what} It was called {len(llm.calls)} times."
        asked = [(call.prompt, call.body["model"]) for call in llm.calls]
        assert asked == [(GOOD["query"], GOOD["model"])] * 3, f"{what} It was asked {asked}."
        longest = max(waits(llm.calls))
        assert longest < 2, f"{what} Between two calls {longest:.1f} seconds went by."
        all_waits += waits(llm.calls)
    shortest = min(all_waits)
    assert shortest < 1, (
        "Twice the LLM failed two calls and would then have answered. Each of your app's four "
        f"waits was longer than a second, the shortest {shortest:.1f} seconds."
    )


@retry
def test_three_calls_are_enough(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app()
    told = {500: 502, 502: 502, 503: 502, 504: 502, 429: 503}  # four failures are not five
    replies = {f"Will you say {status}?": Reply(status=status) for status in told}
    for prompt, response in ask_each(app, llm, replies).items():
        status, count = replies[prompt].status, len(calls_with(llm, prompt))
        what = f"The LLM answered every call with {status}."
        assert count == 3, f"{what} It was called {count} times."
        assert response.status == told[status], (
            f"{what} Your app answered {response.status}, not {told[status]}."
        )


@pytest.fixture
def rude_listener() -> Iterator[tuple[int, list[int]]]:
    """A port where every connection is closed as soon as something was said; a list of them."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[int] = []

    def close_each() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                seen.append(1)
                with suppress(OSError), connection:
                    connection.settimeout(5)
                    connection.recv(65536)

    thread = threading.Thread(target=close_each, daemon=True)
    thread.start()
    yield listener.getsockname()[1], seen
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@retry
def test_a_closed_connection_is_tried_again(
    fresh_app: FreshApp, llm: FakeLLM, rude_listener: tuple[int, list[int]]
) -> None:
    port, seen = rude_listener
    app = fresh_app(LLM_BASE_URL=f"http://127.0.0.1:{port}/v1")
    response = ask(app)
    what = "In the place of the LLM was something that closes every connection."
    assert len(seen) == 3, f"{what} Your app connected {len(seen)} times."
    assert response.status == 502, f"{what} Your app answered {response.status}, not 502."


@retry
def test_the_wait_is_as_long_as_the_llm_asks_for(app: App, llm: FakeLLM) -> None:
    busy = {status: Reply(status=status, retry_after=2) for status in (429, 503)}
    prompts = {status: f"Will you say {status}?" for status in busy}
    first = {prompts[status]: answer_first_with(reply) for status, reply in busy.items()}
    llm.behave(lambda call: first[call.prompt](call))
    pending = {status: begin(app, query=prompt) for status, prompt in prompts.items()}
    for status, each in pending.items():
        what = f"The LLM answered {status} with Retry-After: 2, and would then have answered."
        got = each.result().status
        assert got == 200, f"{what} Your app answered {got}."
        shortest = min(waits(calls_with(llm, prompts[status])))
        assert shortest >= 1.95, f"{what} The next call came {shortest:.2f} seconds later."


def come_back_together(app: App, llm: FakeLLM) -> bool:
    """Two questions fail at one moment. Whether they are asked again at one moment, too.

    Equal waits end in the same turn of an event loop, even where a busy machine makes them long.
    """
    llm.reset()
    gate = Gate()
    llm.behave(answer_first_with(Reply(status=503, gate=gate)))
    pending = [begin(app, query=prompt) for prompt in ("Who?", "Where?")]
    gate.wait_for_waiting(2, within=3)
    gate.open()
    for each in pending:
        each.result()
    assert len(llm.calls) == 4, (
        "Two questions each got a 503, and would then have been answered. "
        f"The LLM was called {len(llm.calls)} times."
    )
    who, where = calls_with(llm, "Who?"), calls_with(llm, "Where?")
    apart = abs(who[1].received_at - where[1].received_at)
    return min(apart, abs(waits(who)[0] - waits(where)[0])) < 0.002


@retry
def test_not_all_wait_equally_long(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app()
    more_often_apart = 0
    while -10 < more_often_apart < 8:
        more_often_apart += -1 if come_back_together(app, llm) else 1
    assert more_often_apart > 0, (
        "Again and again we let two questions get a 503 at the same moment. "
        "Nearly each time they came back at the same moment, too."
    )


def answered_in_time(app: App, within: float, what: str) -> Response:
    try:
        return ask(app, within=within)
    except NoAnswer as late:
        raise NoAnswer(f"{what} {late}") from None


@deadline
def test_a_wait_beyond_the_deadline_is_not_begun(app: App, llm: FakeLLM) -> None:
    for status, told in ((429, 503), (503, 502)):
        llm.reset()
        llm.always(Reply(status=status, retry_after=70))
        what = (
            f"REQUEST_DEADLINE_SECONDS was not set (60), and the LLM answered {status} with "
            "Retry-After: 70."
        )
        response = answered_in_time(app, 5, what)
        assert len(llm.calls) == 1, f"{what} It was called {len(llm.calls)} times."
        assert response.status == told, f"{what} Your app answered {response.status}, not {told}."
        if status == 429:
            wait = retry_after_of(response, what)
            assert wait == 70, f"{what} Your app said Retry-After: {wait}."


@deadline
def test_a_wait_beyond_what_is_left_is_not_begun(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(REQUEST_DEADLINE_SECONDS="4")
    llm.always(Reply(status=503, retry_after=3, delay=1.5))
    status = ask(app).status
    assert status == 502, (
        "REQUEST_DEADLINE_SECONDS was 4. The LLM took 1.5 seconds to answer 503 with "
        f"Retry-After: 3, which is more than was left. Your app answered {status}, not 502."
    )


@deadline
def test_at_the_deadline_there_is_an_answer(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(REQUEST_DEADLINE_SECONDS="1")
    llm.always(Reply(gate=Gate()))
    what = "REQUEST_DEADLINE_SECONDS was 1, LLM_TIMEOUT_SECONDS was 30, and the LLM said nothing."
    response = answered_in_time(app, 8, what)
    assert response.status == 504, f"{what} Your app answered {response.status}, not 504."
    assert len(llm.calls) == 1, f"{what} It was called {len(llm.calls)} times."


@deadline
def test_the_deadline_is_for_all_calls_together(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(REQUEST_DEADLINE_SECONDS="1")
    llm.always(Reply(status=503, delay=0.8))
    response = ask(app)
    what = "REQUEST_DEADLINE_SECONDS was 1, and the LLM took 0.8 seconds for each 503."
    assert len(llm.calls) <= 2, f"{what} It was called {len(llm.calls)} times."
    assert response.status in (502, 504), f"{what} Your app answered {response.status}."


# body


@body
def test_64_kib_are_taken(app: App, llm: FakeLLM) -> None:
    for headers, how in ((None, ""), (CHUNKED, ", in chunks")):
        response = send(app, of_size(LIMIT), headers)
        assert response.status == 200, (
            f"We sent a good question in a body of 65,536 bytes{how}. "
            f"Your app answered {response.status}."
        )


def assert_too_large(app: App, llm: FakeLLM, size: int, headers: Mapping[str, str] | None) -> None:
    response = send(app, of_size(size), headers)
    what = f"We sent a body of {size:,} bytes{', in chunks' if headers else ''}."
    assert response.status == 413, f"{what} Your app answered {response.status}, not 413."
    assert not llm.calls, f"{what} It was refused, and yet the LLM was called."


@body
def test_a_length_of_more_is_refused(app: App, llm: FakeLLM) -> None:
    for size in (LIMIT + 1, 900_000):
        assert_too_large(app, llm, size, None)


@body
def test_more_without_a_length_is_refused(app: App, llm: FakeLLM) -> None:
    for size in (LIMIT + 1, 900_000):
        assert_too_large(app, llm, size, CHUNKED)


@body
def test_broken_json_is_refused(app: App, llm: FakeLLM) -> None:
    for content, what in (
        (b'{"query": ', "half a JSON object"),
        (b"Name a river.", "a text that is no JSON"),
        (b"", "an empty body"),
        (b'{"query": "\xff\xfe"}', "JSON that is no UTF-8"),
    ):
        response = send(app, content)
        assert response.status == 422, (
            f"We sent {what}. Your app answered {response.status}, not 422."
        )
    assert not llm.calls, "We sent broken JSON, and the LLM was called."


# breaker: what happens when the LLM is down


def fail(app: App, llm: FakeLLM, times: int, *replies: Reply) -> None:
    """So many questions at once that the LLM fails; then it is well again and has heard nothing."""
    for reply in replies or (DOWN,):
        llm.always(reply)
        for pending in [begin(app) for _ in range(times)]:
            status = pending.result().status
            assert status in (502, 504), (
                f"The LLM failed every question. Your app answered {status}, not 502 or 504."
            )
    llm.reset()


def assert_spared(app: App, llm: FakeLLM, what: str, headers: Mapping[str, str] = ADA) -> None:
    """503 with `Retry-After`, and the LLM hears nothing."""
    heard = len(llm.calls)
    response = app.post("/query", json=GOOD, headers=headers)
    assert response.status == 503, f"{what} Your app answered {response.status}, not 503."
    retry_after_of(response, what)
    assert len(llm.calls) == heard, f"{what} The LLM was called."


def ask_until(app: App, status: int, what: str, within: float = 6.0) -> None:
    """Ask again and again until there is this status."""
    seen: list[int] = []

    def look() -> bool:
        seen.append(ask(app).status)
        return seen[-1] == status

    assert once_more(look, within), (
        f"{what} We asked on for {within:g} seconds. The last answer was {seen[-1]}, not {status}."
    )


def ask_until_held(app: App, gate: Gate, what: str, within: float = 6.0) -> Pending:
    """Ask again and again until one question is held by the LLM: that one."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        pending = begin(app)
        once_more(lambda: pending.finished or gate.waiting > 0, within=3)  # noqa: B023
        if gate.waiting:
            return pending
        time.sleep(0.05)
    raise AssertionError(f"{what} In the next {within:g} seconds no question reached the LLM.")


@breaker
def test_after_five_failures_nobody_asks_the_llm(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app()
    fail(app, llm, 5)
    for pause in (0, 0, 1.2):
        time.sleep(pause)
        assert_spared(
            app,
            llm,
            "Five questions had failed with a 500 of the LLM, BREAKER_RESET_SECONDS was not set "
            f"(30), and we asked on{f' {pause} seconds later' if pause else ''}.",
        )
    assert_spared(app, llm, "Five questions of ada's had failed, and ben asked one.", BEN)
    status = app.get("/health").status
    assert status == 200, f"Five questions had failed, and GET /health was answered with {status}."


@breaker
def test_a_silent_llm_is_down_as_well(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_TIMEOUT_SECONDS="0.4")
    fail(app, llm, 3, Reply(silent_after=0))
    fail(app, llm, 2)
    what = "Three questions had failed because the LLM was silent, and two with its 500."
    assert_spared(app, llm, f"{what} We asked on.")


@breaker
def test_an_llm_that_hangs_up_is_down_as_well(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app()
    fail(app, llm, 3, Reply(hang_up_after=0))
    fail(app, llm, 2)
    what = "Three questions had failed because the LLM hung up, and two with its 500."
    assert_spared(app, llm, f"{what} We asked on.")


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses connections, and that nobody else can take meanwhile."""
    with socket.socket() as bound_but_not_listening:
        bound_but_not_listening.bind(("127.0.0.1", 0))
        yield bound_but_not_listening.getsockname()[1]


@breaker
def test_an_llm_that_is_not_there_is_down_as_well(
    fresh_app: FreshApp, llm: FakeLLM, closed_port: int
) -> None:
    app = fresh_app(LLM_BASE_URL=f"http://127.0.0.1:{closed_port}/v1")
    fail(app, llm, 5)
    what = "Nobody listened at LLM_BASE_URL, and five questions had failed."
    assert_spared(app, llm, f"{what} We asked on.")


@breaker
def test_an_llm_that_talks_nonsense_is_down_as_well(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app()
    fail(app, llm, 3, Reply(body=b"<html>Hello</html>"))
    fail(app, llm, 2)
    what = "Three questions had failed with an answer that was no JSON, and two with a 500."
    assert_spared(app, llm, f"{what} We asked on.")


@breaker
def test_a_question_cut_off_at_the_deadline_has_failed(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(REQUEST_DEADLINE_SECONDS="0.5")
    fail(app, llm, 5, Reply(silent_after=0))
    what = "REQUEST_DEADLINE_SECONDS was 0.5, and five questions had failed: the LLM was silent."
    assert_spared(app, llm, f"{what} We asked on.")


@breaker
def test_a_hang_up_is_no_failure_of_the_llm(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app()
    gate = Gate()
    llm.always(Reply(gate=gate))
    inside = [begin(app) for _ in range(6)]
    gate.wait_for_waiting(6, within=4)
    for each in inside:
        each.hang_up()
    llm.wait_for(lambda: all(call.aborted for call in llm.calls), within=3)
    gate.open()
    llm.reset()
    time.sleep(0.2)  # the app knows of all of them
    status = ask(app).status
    assert status == 200, (
        "Six questions were with the LLM, and their clients hung up. Nothing had failed. "
        f"We asked a seventh, and your app answered {status}."
    )


@breaker
def test_after_a_good_probe_the_count_begins_anew(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(BREAKER_RESET_SECONDS="1")
    fail(app, llm, 5)
    what = "Five questions had failed, and BREAKER_RESET_SECONDS was 1."
    ask_until(app, 200, what)
    fail(app, llm, 4)
    status = ask(app).status
    assert status == 200, (
        f"{what} The probe was answered, then four questions failed, and the LLM was well again. "
        f"Your app answered {status}."
    )


@breaker
def test_four_failures_are_not_five(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app()
    for _ in range(2):
        fail(app, llm, 4)
        status = ask(app).status
        assert status == 200, (
            "Never more than four questions in a row had failed, and the LLM was well again. "
            f"Your app answered {status}."
        )


@breaker
def test_refused_calls_are_no_failures_of_the_llm(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app()
    for status, told in ((400, 502), (404, 502), (429, 503)):
        llm.always(Reply(status=status))
        for pending in [begin(app) for _ in range(6)]:
            got = pending.result().status
            assert got == told, f"The LLM answered {status}. Your app answered {got}, not {told}."
    heard = len(llm.calls)
    assert heard == 6 + 6 + 18, (
        "We asked six questions each to which the LLM answered 400, 404 and, up to three times, "
        f"429. It was called {heard} times."
    )
    llm.reset()
    status = ask(app).status
    assert status == 200, (
        "The LLM had refused a dozen calls, and was busy for six. Then it was well again. "
        f"Your app answered {status}."
    )


@breaker
def test_one_probe_goes_through_and_closes_it(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(BREAKER_RESET_SECONDS="1")
    fail(app, llm, 5)
    gate = Gate()
    llm.always(Reply(gate=gate))
    what = "Five questions had failed, and BREAKER_RESET_SECONDS was 1."
    probe = ask_until_held(app, gate, what)
    others = [begin(app) for _ in range(3)]
    once_more(lambda: all(each.finished for each in others) or len(llm.calls) > 1, within=4)
    heard = len(llm.calls)
    gate.open()
    assert heard == 1, (
        f"{what} One question had reached the LLM, and was not answered yet. We asked three more: "
        f"{heard - 1} of them reached the LLM as well."
    )
    for each in others:
        refused = each.result()
        assert refused.status == 503, (
            f"{what} Beside the probe, a question was answered with {refused.status}."
        )
        retry_after_of(refused, f"{what} The probe was under way, and we asked on.")
    status = probe.result().status
    assert status == 200, f"{what} The LLM answered the probe. Your app answered {status}."
    barrier = Barrier(3)
    llm.always(Reply(barrier=barrier))
    statuses = [each.result().status for each in [begin(app) for _ in range(3)]]
    assert statuses == [200] * 3 and not barrier.broken, (
        f"The LLM had answered the probe. We asked three questions at once and got {statuses}; "
        f"{'not all of them reached the LLM together' if barrier.broken else 'all were asked'}."
    )


@breaker
def test_a_probe_that_fails_opens_it_again(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(BREAKER_RESET_SECONDS="1")
    fail(app, llm, 5)
    llm.always(DOWN)
    what = "Five questions had failed, and BREAKER_RESET_SECONDS was 1."
    ask_until(app, 502, what)
    heard = len(llm.calls)
    assert heard <= 3, f"{what} The LLM was still down, and heard {heard} calls of one probe."
    assert_spared(app, llm, f"{what} The probe had just failed, and we asked on.")
    llm.reset()
    ask_until(app, 200, f"{what} A probe had failed, and then the LLM was well again.")


@breaker
def test_a_probe_that_proves_nothing_is_followed_by_another(
    fresh_app: FreshApp, llm: FakeLLM
) -> None:
    app = fresh_app(BREAKER_RESET_SECONDS="1")
    fail(app, llm, 5)
    llm.always(Reply(status=400))
    what = "Five questions had failed, and BREAKER_RESET_SECONDS was 1."
    ask_until(app, 502, what)
    llm.reset()
    ask_until(app, 200, f"{what} The LLM refused the next question with 400, and then was well.")


@breaker
def test_a_probe_whose_client_leaves_is_followed_by_another(
    fresh_app: FreshApp, llm: FakeLLM
) -> None:
    app = fresh_app(BREAKER_RESET_SECONDS="1")
    fail(app, llm, 5)
    gate = Gate()
    llm.script(Reply(gate=gate))
    what = "Five questions had failed, and BREAKER_RESET_SECONDS was 1."
    ask_until_held(app, gate, what).hang_up()
    gate.open()
    ask_until(app, 200, f"{what} The client of the next question hung up, and the LLM was well.")


# overload


@overload
def test_one_too_many_is_refused_at_once(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_IN_FLIGHT="2")
    gate = Gate()
    llm.always(Reply(gate=gate))
    inside = [begin(app), begin(app)]
    assert gate.wait_for_waiting(2, within=4), (
        f"MAX_IN_FLIGHT was 2, and we asked two questions. {gate.waiting} reached the LLM."
    )
    third = begin(app, BEN)
    once_more(lambda: third.finished or len(llm.calls) > 2, within=4)
    heard, in_time, health = len(llm.calls), third.finished, app.get("/health").status
    gate.open()
    what = "MAX_IN_FLIGHT was 2, two questions were being answered, and another user asked a third."
    assert heard == 2, f"{what} It reached the LLM."
    assert in_time, f"{what} There was no answer while the other two were being answered."
    status = third.result().status
    assert status == 503, f"{what} Your app answered {status}, not 503."
    retry_after_of(third.result(), what)
    assert health == 200, f"{what} GET /health was answered with {health}."
    statuses = [each.result().status for each in inside]
    assert statuses == [200, 200], f"{what} The first two were answered with {statuses}."


@overload
def test_a_hundred_may_be_inside(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app()
    gate = Gate()
    llm.always(Reply(gate=gate))
    inside = [begin(app) for _ in range(100)]
    # An app with fewer threads than that has all its places taken, too: the others wait for one.
    once_more(lambda: gate.waiting + sum(each.finished for each in inside) >= 100, within=5)
    held = gate.waiting
    one_more = begin(app)
    once_more(lambda: one_more.finished or gate.waiting > held, within=2)
    heard = gate.waiting
    gate.open()
    statuses = Counter(each.result().status for each in inside)
    assert statuses == {200: 100}, (
        "MAX_IN_FLIGHT was not set (100), and we asked a hundred questions at once. "
        f"The answers were {', '.join(f'{n} of {status}' for status, n in statuses.items())}."
    )
    status = one_more.result().status
    assert held < 100 or (heard, status) == (100, 503), (
        "MAX_IN_FLIGHT was not set (100), the LLM held a hundred questions, and we asked one more. "
        f"{'It reached the LLM. ' if heard > 100 else ''}The answer was {status}, not 503."
    )


def assert_free(app: App, llm: FakeLLM, places: int, what: str) -> None:
    """So many questions are answered at once."""
    got: list[int] = []

    def look() -> bool:
        llm.reset()
        llm.always(Reply(barrier=Barrier(places, patience=1)))
        got[:] = [each.result().status for each in [begin(app) for _ in range(places)]]
        return got == [200] * places

    assert once_more(look, within=2), (
        f"{what} Then we asked again, as many at once ({places}). The answers were {got}."
    )


@overload
def test_an_answer_of_any_kind_frees_its_place(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_IN_FLIGHT="2", LLM_TIMEOUT_SECONDS="0.4")
    for reply, what in (
        (Reply(), "The LLM had answered."),
        (Reply(status=400), "The LLM had refused the calls with 400."),
        (Reply(status=429), "The LLM had answered 429, each time."),
        (Reply(silent_after=0), "The LLM had said nothing for LLM_TIMEOUT_SECONDS."),
    ):
        llm.always(reply)
        for pending in (begin(app), begin(app)):
            pending.result()
        assert_free(app, llm, 2, f"MAX_IN_FLIGHT was 2, and two questions were over. {what}")


@overload
def test_a_question_that_is_spared_frees_its_place(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_IN_FLIGHT="2", BREAKER_RESET_SECONDS="1")
    for _ in range(5):
        fail(app, llm, 1)
    for _ in range(3):
        ask(app)
    what = "MAX_IN_FLIGHT was 2, BREAKER_RESET_SECONDS 1. Five questions failed, three more came"
    ask_until(app, 200, f"{what}, and then the LLM was well.")
    assert_free(app, llm, 2, f"{what}, and then the LLM was well and answered one.")


@hang_up
def test_a_hang_up_frees_its_place_and_ends_the_call(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_IN_FLIGHT="2")
    gate = Gate()
    llm.always(Reply(gate=gate))
    inside = [begin(app), begin(app)]
    assert gate.wait_for_waiting(2, within=4), (
        f"MAX_IN_FLIGHT was 2, and we asked two questions. {gate.waiting} reached the LLM."
    )
    for each in inside:
        each.hang_up()
    what = "MAX_IN_FLIGHT was 2. Two questions were with the LLM, and both clients hung up."
    dropped = llm.wait_for(lambda: all(call.aborted for call in llm.calls), within=3)
    assert dropped, f"{what} Three seconds later the LLM was still working for them."
    assert_free(app, llm, 2, what)


@hang_up
def test_a_hang_up_between_two_calls_frees_its_place(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_IN_FLIGHT="1")
    llm.always(Reply(status=503, retry_after=20))
    waiting = begin(app)
    llm.wait_for(lambda: any(call.ended_at for call in llm.calls), within=3)
    time.sleep(0.5)  # the app has read the answer and waits
    waiting.hang_up()
    what = "MAX_IN_FLIGHT was 1. The LLM said Retry-After: 20 to a question; its client hung up."
    assert_free(app, llm, 1, what)


# models


@models
def test_only_allowed_models_may_be_asked_for(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(ALLOWED_MODELS="gpt-4, tiny-2 ,tiny-3")
    what = "ALLOWED_MODELS was 'gpt-4, tiny-2 ,tiny-3'."
    for allowed in ("gpt-4", "tiny-2", "tiny-3"):
        status = ask(app, model=allowed).status
        assert status == 200, f"{what} We asked for {allowed!r} and got {status}."
    llm.reset()
    for other in (f"huge-{llm.nonce}", "gpt-4, tiny-2", "tiny", "GPT-4"):
        response = ask(app, model=other)
        assert response.status == 422, f"{what} We asked for {other!r} and got {response.status}."
        assert "model" in response.text, f"{what} We asked for {other!r}. The 422 names no field."
        assert llm.nonce not in response.text, (
            f"{what} We asked for {other!r}, and the 422 repeats that."
        )
    assert not llm.calls, f"{what} We asked for other models, and the LLM was called."


@models
def test_without_a_list_any_model_will_do(app: App, fresh_app: FreshApp, llm: FakeLLM) -> None:
    for asked, said in ((app, "not set"), (fresh_app(ALLOWED_MODELS=""), "empty")):
        status = ask(asked, model=f"any-{llm.nonce}").status
        assert status == 200, (
            f"ALLOWED_MODELS was {said}. We asked for some model and got {status}."
        )
