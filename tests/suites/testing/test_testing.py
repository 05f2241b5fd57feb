"""Lesson testing: the learner's tests meet right and wrong apps, and their schema is read."""

import json
import secrets
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from course.grading.suite import App, FreshApp, LearnersTests, Run, SchemaTools

SETTINGS = {"API_KEYS": '{"alice-token": "alice", "bob-token": "bob"}'}
LEARNERS_SETTINGS = {
    "LLM_BASE_URL": "http://llm.test/v1",
    "LLM_API_KEY": "test-key",
    "LLM_MODEL": "gpt-4",
    "LLM_TIMEOUT_SECONDS": "1",
    "API_KEYS": '{"alice-token": "alice", "bob-token": "bob"}',
}
IMPORTS = (
    "pytest",
    "_pytest.assertion.rewrite",
    "fastapi.testclient",
    "respx.plugin",
    "anyio.pytest_plugin",
)

APPS = Path(__file__).parent / "apps"
IN_THE_LIFESPAN = (APPS / "in_the_lifespan.py").read_text(encoding="utf-8")
LAZILY = (APPS / "lazily.py").read_text(encoding="utf-8")


class Wrong(NamedTuple):
    """A right app in which one piece of text is another one."""

    does: str
    old: str
    new: str

    def source(self) -> str:
        assert IN_THE_LIFESPAN.count(self.old) == 1, self
        return IN_THE_LIFESPAN.replace(self.old, self.new)


WRONG = {
    "any-token": Wrong(
        "serves callers whose token nobody has",
        'raise HTTPException(401, "This token is unknown here.", {"WWW-Authenticate": "Bearer"})',
        'return "alice"',
    ),
    "user": Wrong("does not tell the LLM who asks", '        "user": user,\n', ""),
    "prompt": Wrong(
        "changes the question before the LLM hears it",
        '"content": body.query',
        '"content": f"Please answer briefly. {body.query}"',
    ),
    "temperature": Wrong(
        "always sends the same temperature",
        '"temperature": body.temperature',
        '"temperature": 0.7',
    ),
    "tokens": Wrong(
        "always says that an answer has cost 0 tokens",
        'said["usage"]["total_tokens"]',
        'said["usage"].get("tokens", 0)',
    ),
    "blank": Wrong("sends blank questions to the LLM", r', pattern=r"\S")', ", min_length=1)"),
    "server-error": Wrong(
        "answers 500 when the LLM answers 5xx",
        'raise HTTPException(502, "The model failed.")',
        'raise HTTPException(500, "The model failed.")',
    ),
    "timeout": Wrong(
        "does not answer 504 when the LLM is too slow",
        'raise HTTPException(504, "The model was too slow. Try again.")',
        'raise HTTPException(502, "The model cannot be reached.")',
    ),
    "retry-after": Wrong(
        "keeps a busy LLM's Retry-After to itself",
        '{"Retry-After": wait} if wait else None',
        "None",
    ),
    "leak": Wrong(
        "shows the caller what a failing LLM has said",
        '"The model failed."',
        'f"The model failed: {answer.text}"',
    ),
}

passes = pytest.mark.exercise(
    "passes",
    look="test-what-is-promised",
    idea="Do your tests ask for more than the lesson's page promises?",
)
kills = pytest.mark.exercise(
    "kills",
    look="a-test-is-worth-the-mistakes-it-finds",
    idea="Which of your tests would notice?",
)
kills_as_well = pytest.mark.exercise(
    "kills",
    look="test-what-is-promised",
    idea="Does a test that right apps fail say anything about a wrong one?",
    rests_on="passes",
)
no_network = pytest.mark.exercise(
    "no-network",
    look="answer-in-the-llms-place",
    idea="Who answers your app's call while your tests run?",
)
independent = pytest.mark.exercise(
    "independent",
    look="every-test-begins-anew",
    idea="What does a test find that another one has left?",
)
openapi = pytest.mark.exercise(
    "openapi",
    look="say-it-in-the-schema",
    idea="What does /docs tell somebody who cannot read your code?",
)


# passes


def spoken(name: str) -> str:
    return name.partition("::")[2] or name


def assert_all_pass(run: Run, app: str) -> None:
    assert not run.problem, f"We ran your tests on {app}. {run.problem}"
    failed = run.names("failed")
    assert not failed, (
        f"We ran your tests on {app}. Of {len(run.tests)} tests {len(failed)} failed:"
        + "".join(f"\n    {spoken(name)}\n        {run.tests[name].message}" for name in failed[:5])
    )
    assert run.names("passed"), (
        f"We ran your tests on {app}. None has passed: all {len(run.tests)} were skipped, "
        "or are expected to fail."
    )


@passes
def test_the_tests_pass_on_their_own_app(learners_tests: LearnersTests) -> None:
    assert_all_pass(learners_tests.on(), "your own app")


@passes
def test_the_tests_pass_on_an_app_with_another_lifespan(learners_tests: LearnersTests) -> None:
    learners_tests.prepare(LAZILY)
    run = learners_tests.on(IN_THE_LIFESPAN)
    assert_all_pass(run, "another right app: it, too, makes its client in the lifespan")


@passes
def test_the_tests_pass_on_an_app_in_another_style(learners_tests: LearnersTests) -> None:
    run = learners_tests.on(LAZILY)
    assert_all_pass(run, "a right app in another style: threads, and a client made when needed")


# kills


def on_right_apps(learners_tests: LearnersTests) -> list[Run]:
    """A run on each of the right apps, none of them with a problem."""
    runs = [learners_tests.on(app) for app in (None, IN_THE_LIFESPAN, LAZILY)]
    broken = [run.problem for run in runs if run.problem]
    assert not broken, f"We could not run your tests on the right apps. {broken[0]}"
    return runs


def sound(learners_tests: LearnersTests) -> tuple[str, ...]:
    """The tests that pass on every right app: only they can tell a wrong one."""
    runs = on_right_apps(learners_tests)
    names = set.intersection(*(set(run.names("passed")) for run in runs))
    assert names, "None of your tests passes on all right apps, so none can tell a wrong one."
    return tuple(sorted(names))


@cache
def in_a_new_text() -> str:
    """A right app that no test knows by its text: the text is another one in each check."""
    return f"{IN_THE_LIFESPAN}\n# {secrets.token_hex(8)}\n"


def prepare_all(learners_tests: LearnersTests, tests: tuple[str, ...]) -> None:
    """Begin the runs on the wrong apps; somewhere between them is one on a right app."""
    apps = [wrong.source() for wrong in WRONG.values()]
    apps.insert(1 + secrets.randbelow(len(apps) - 1), in_a_new_text())
    learners_tests.prepare(*apps, until=tests)


def is_noticed(wrong: Wrong, learners_tests: LearnersTests, tests: tuple[str, ...]) -> bool:
    """A test that holds for right apps fails here; when they hang here, that is a failure, too."""
    run = learners_tests.on(wrong.source(), until=tests)
    return run.too_slow or (not run.problem and not set(tests).isdisjoint(run.names("failed")))


@kills_as_well
def test_no_test_fails_on_a_right_app(learners_tests: LearnersTests) -> None:
    runs = on_right_apps(learners_tests)
    failed = list(dict.fromkeys(spoken(name) for run in runs for name in run.names("failed")))
    assert not failed, (
        "Only tests that hold on right apps can tell a wrong one. "
        f"First let them pass on right apps: {', '.join(failed[:5])}."
    )


@kills
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_app_is_noticed(learners_tests: LearnersTests, name: str) -> None:
    tests = sound(learners_tests)
    prepare_all(learners_tests, tests)
    if not is_noticed(WRONG[name], learners_tests, tests):
        survivors = [
            wrong.does
            for wrong in WRONG.values()
            if not is_noticed(wrong, learners_tests, tests) and wrong is not WRONG[name]
        ]
        raise AssertionError(
            f"Your tests find nothing wrong with an app that {WRONG[name].does}. "
            f"Of the ten wrong apps {len(survivors) + 1} survived your tests."
            + "".join(f"\nNor with one that {does}." for does in survivors)
        )


@kills
def test_a_right_app_is_not_taken_for_a_wrong_one(learners_tests: LearnersTests) -> None:
    tests = sound(learners_tests)
    prepare_all(learners_tests, tests)
    run = learners_tests.on(in_a_new_text(), until=tests)
    what = "Between the wrong apps we ran your tests on a right one that they had not met before."
    assert not run.problem, f"{what} {run.problem}"
    failed = [name for name in run.names("failed") if name in tests]
    assert not failed, (
        f"{what} {spoken(failed[0])} failed on it: it tells something else than right from wrong."
        f"\n    {run.tests[failed[0]].message}"
    )


# no-network


@no_network
def test_the_tests_open_no_connection(learners_tests: LearnersTests) -> None:
    runs = [learners_tests.on(app) for app in (None, IN_THE_LIFESPAN, LAZILY)]
    broken = [run.problem for run in runs if run.problem]
    assert not broken, f"We could not watch your tests. {broken[0]}"
    seen = list(dict.fromkeys(what for run in runs for what in run.connections))
    assert not seen, (
        "We watched what your tests reach for beyond servers of their own, and refused it: "
        f"{seen[0]}." + "".join(f"\n    {what}" for what in seen[1:5])
    )


# independent


def assert_as_before(learners_tests: LearnersTests, how: str, **wanted: Any) -> None:
    """What passes in the order of the file passes in another one, and alone."""
    usual = learners_tests.on()
    assert not usual.problem, (
        f"We could not run your tests even in their own order. {usual.problem}"
    )
    run = learners_tests.on(**wanted)
    assert not run.problem, f"We ran your tests {how}. {run.problem}"
    fallen = [name for name in usual.names("passed") if run.tests[name].outcome != "passed"]
    assert usual.names("passed"), "None of your tests passes, in any order."
    assert not fallen, (
        f"We ran your tests {how}. {len(fallen)} that passed before did not pass now, such as "
        f"{spoken(fallen[0])}."
        + "".join(f"\n    {spoken(name)}\n        {run.tests[name].message}" for name in fallen[:5])
    )


@independent
def test_the_tests_pass_in_any_order(learners_tests: LearnersTests) -> None:
    assert_as_before(learners_tests, "from the last to the first", order="reversed")
    for seed in (1, 2):
        assert_as_before(learners_tests, f"in random order ({seed})", order=seed)


@independent
def test_each_test_passes_alone(learners_tests: LearnersTests) -> None:
    assert_as_before(learners_tests, "one at a time, each in a new process", alone=True)


# openapi


def schema_of(app: App) -> Any:
    response = app.get("/openapi.json")
    assert response.status == 200, f"GET /openapi.json was answered with {response.status}."
    return response.json()


def operations(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """`POST /query` and its operation, for each operation of the schema."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in ("get", "put", "post", "delete", "patch", "head", "options"):
                yield f"{method.upper()} {path}", operation


def of_query(document: Any) -> dict[str, Any]:
    found = dict(operations(document)).get("POST /query")
    assert found is not None, "The schema has no POST /query."
    return found


def below(document: Any, node: Any, seen: set[str]) -> Iterator[dict[str, Any]]:
    """Every object below `node`, through each `$ref` once."""
    if isinstance(node, list):
        for item in node:
            yield from below(document, item, seen)
    elif isinstance(node, dict):
        yield node
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/") and reference not in seen:
            seen.add(reference)
            target = document
            for part in reference.removeprefix("#/").split("/"):
                target = target[part]
            yield from below(document, target, seen)
        for value in node.values():
            yield from below(document, value, seen)


def is_described(operation: dict[str, Any]) -> bool:
    """By hand: FastAPI makes a summary of the function's name, as it makes the operation's id.

    An app may put more into the id: `llm-query` is of a function `query`, too.
    """
    summary = operation.get("summary", "").strip()
    function = summary.lower().replace(" ", "_")
    made = function in operation.get("operationId", "").lower().replace("-", "_")
    return bool(operation.get("description", "").strip() or (summary and not made))


@openapi
def test_the_schema_is_valid(app: App, schema_tools: SchemaTools) -> None:
    problems = schema_tools.problems(schema_of(app))
    assert not problems, (
        "A validator of OpenAPI read your /openapi.json and refused it. The first reason: "
        f"{problems[0]}."
    )


@openapi
def test_every_route_is_described(app: App) -> None:
    silent = [what for what, operation in operations(schema_of(app)) if not is_described(operation)]
    assert not silent, (
        "We looked for a summary or a description that somebody has written. "
        f"There is none of {' and '.join(silent)}."
    )


@openapi
def test_the_request_has_an_example(app: App) -> None:
    document = schema_of(app)
    body = of_query(document).get("requestBody", {})
    found = any(
        node.get("example") or node.get("examples") for node in below(document, body, set())
    )
    assert found, (
        "We went through all that your schema says of the body of POST /query. It has no example."
    )


@openapi
def test_the_failures_are_declared(app: App) -> None:
    declared = set(of_query(schema_of(app)).get("responses", {}))
    missing = sorted({"401", "422", "502", "503", "504"} - declared)
    assert not missing, (
        f"Your schema declares {', '.join(sorted(declared))} as answers of POST /query. "
        f"It also gives {', '.join(missing)}."
    )


@openapi
def test_the_bearer_scheme_is_declared(app: App) -> None:
    document = schema_of(app)
    schemes = document.get("components", {}).get("securitySchemes", {})
    bearer = {
        name
        for name, scheme in schemes.items()
        if scheme.get("type") == "http" and scheme.get("scheme", "").lower() == "bearer"
    }
    asked = of_query(document).get("security", document.get("security", []))
    assert any(bearer & set(each) for each in asked), (
        "POST /query wants a bearer token. We looked for that in your schema, and who reads only "
        "that would send none."
    )


class AlwaysAnswers(BaseHTTPRequestHandler):
    """An LLM that has an answer to whatever it is asked: the fake LLM refuses some models."""

    protocol_version = "HTTP/1.1"
    ANSWER = json.dumps(
        {
            "model": "gpt-4",
            "choices": [{"message": {"role": "assistant", "content": "Water runs downhill."}}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
        }
    ).encode()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.ANSWER)))
        self.end_headers()
        self.wfile.write(self.ANSWER)

    def log_message(self, *_: object) -> None:
        """It has nothing to say."""


@pytest.fixture
def patient_llm() -> Iterator[str]:
    """The URL of an LLM that always answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), AlwaysAnswers) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


@openapi
def test_the_app_keeps_to_its_schema(
    fresh_app: FreshApp, patient_llm: str, schema_tools: SchemaTools
) -> None:
    app = fresh_app(LLM_BASE_URL=patient_llm)
    document = schema_of(app)
    found = schema_tools.try_out(document, app.url, {"Authorization": "Bearer alice-token"})
    assert not found, (
        "We made requests from your schema, good ones and bad ones, and compared the answers "
        f"with what it declares. {found[0]}"
    )
