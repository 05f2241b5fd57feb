"""Lesson basic: one question in, one call to the LLM, one answer out."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from course.fake_llm import Call, FakeLLM, Gate, Reply, Usage
from course.grading.suite import App, FreshApp, NoAnswer, Response

FIELDS = {"response", "model", "tokens_used"}

models = pytest.mark.exercise(
    "models",
    look="say-what-you-accept",
    idea="What does a request look like that this app can answer?",
)
refusals = pytest.mark.exercise(
    "models",
    look="refuse-without-repeating",
    idea="A refusal is an answer, too: what has to be in it, and what must not?",
)
call = pytest.mark.exercise(
    "call",
    look="one-call-and-believe-the-answer",
    idea="What does the LLM need to hear, and who knows what it did?",
)
failures = pytest.mark.exercise(
    "failures",
    look="a-failure-in-your-own-words",
    idea="Whose fault is it, and what can the caller do about it?",
)
client = pytest.mark.exercise(
    "client",
    look="one-client-for-the-whole-process",
    idea="How long does a connection to the LLM live, and who ends it?",
)
docs = pytest.mark.exercise(
    "docs",
    look="write-the-contract-down",
    idea="Could somebody write a client from /docs alone?",
)


# models


@models
def test_a_valid_question_gets_exactly_three_fields(app: App, llm: FakeLLM) -> None:
    response = app.post("/query", json={"query": f"Name a river. {llm.nonce}"})
    assert response.status == 200, f"A valid question was answered with {response.status}."
    assert set(response.json()) == FIELDS, (
        f"A QueryResponse has exactly {sorted(FIELDS)}. Yours has {sorted(response.json())}."
    )


def assert_refused(response: Response, llm: FakeLLM, what: str) -> None:
    """Status 422, and the reason given does not give the key away."""
    assert response.status == 422, f"We sent {what}. Your app answered {response.status}, not 422."
    assert llm.api_key not in response.text, (
        f"We sent {what}. Your app refused it, and the refusal holds the key of the LLM: "
        f"{response.text!r}."
    )


@models
def test_a_missing_or_blank_query_is_refused(app: App, llm: FakeLLM) -> None:
    blank = [{"query": query} for query in ("", " ", "\t", "\n", "\u00a0", " \t\n\u00a0 ")]
    for body in ({}, {"model": "gpt-4"}, *blank):
        response = app.post("/query", json=body)
        assert_refused(response, llm, f"{body!r}, which asks nothing")
    assert not llm.requests, "All of that was refused, and yet the LLM was called."


@models
def test_a_wrong_type_is_refused(app: App, llm: FakeLLM) -> None:
    for wrong in (
        {"query": ["Name a river."]},
        {"query": {"text": "Name a river."}},
        {"query": 5},
        {"model": ["gpt-4"]},
        {"model": {"name": "gpt-4"}},
        {"temperature": "warm"},
        {"temperature": [0.7]},
        {"temperature": {"value": 0.7}},
    ):
        response = app.post("/query", json={"query": "Name a river."} | wrong)
        assert_refused(response, llm, repr(wrong))
    for no_object in (["Name a river."], "Name a river.", 5):
        response = app.post("/query", json=no_object)
        assert_refused(response, llm, f"{no_object!r}, which is no object")
    assert not llm.requests, "All of that was refused, and yet the LLM was called."


def raw(body: dict[str, str]) -> bytes:
    """JSON without \\u escapes: 8,000 characters in at most 32,000 bytes."""
    return json.dumps(body, ensure_ascii=False).encode()


@models
def test_a_query_of_8000_characters_is_answered(app: App) -> None:
    for character in ("x", "é", "🐳"):
        response = app.post("/query", content=raw({"query": character * 8000}))
        assert response.status == 200, (
            f"We sent 8,000 times {character!r}, which is just short enough. "
            f"Your app answered {response.status}."
        )


@models
def test_a_query_of_8001_characters_is_refused(app: App, llm: FakeLLM) -> None:
    for character in ("x", "é", "🐳"):
        response = app.post("/query", content=raw({"query": character * 8001}))
        assert_refused(response, llm, f"8,001 times {character!r}, one too many")
    assert not llm.requests, "All of that was refused, and yet the LLM was called."


@models
def test_a_temperature_outside_0_to_2_is_refused(app: App, llm: FakeLLM) -> None:
    for temperature in (-1, -0.01, 2.01, 2.1, 99):
        response = app.post("/query", json={"query": "Name a river.", "temperature": temperature})
        assert_refused(response, llm, f"the temperature {temperature}")
    assert not llm.requests, "All of that was refused, and yet the LLM was called."


@models
def test_the_ends_of_the_temperature_scale_are_accepted(app: App) -> None:
    for temperature in (0, 2):
        response = app.post("/query", json={"query": "Name a river.", "temperature": temperature})
        assert response.status == 200, (
            f"We sent the temperature {temperature}, which is allowed. "
            f"Your app answered {response.status}."
        )


@refusals
def test_a_temperature_that_is_no_finite_number_is_refused(app: App, llm: FakeLLM) -> None:
    for number in ("NaN", "Infinity", "1e999"):
        body = f'{{"query": "Name a river.", "temperature": {number}}}'
        response = app.post("/query", content=body.encode())
        assert_refused(response, llm, f"{body}, which Python reads without complaint")
    assert not llm.requests, "All of that was refused, and yet the LLM was called."


# call


def heard_in(call: Call, field: str) -> Any:
    """A field of what the app sent to the LLM."""
    assert isinstance(call.body, dict), "The body of the call to the LLM is no JSON object."
    assert field in call.body, f"The call to the LLM lacks `{field}`. Its body: {call.body!r}."
    return call.body[field]


@call
def test_one_question_is_one_call_to_chat_completions(app: App, llm: FakeLLM) -> None:
    app.post("/query", json={"query": f"Name a river. {llm.nonce}"})
    heard = [f"{request.method} {request.path}" for request in llm.requests]
    assert heard == ["POST /chat/completions"], (
        f"We asked one question. The calls to the LLM, below its base URL: {heard or 'none'}."
    )


@call
def test_the_prompt_reaches_the_llm_unchanged(app: App, llm: FakeLLM) -> None:
    prompt = (
        'Is "a  b" <b>shorter</b> than\n\n\t{c} & 100% of \\n é 🐳?\r\n'
        f"A \ufb01sh\u00b2 in a cafe\u0301. {llm.nonce}"
    )
    app.post("/query", json={"query": prompt})
    assert llm.calls, "We asked a question. The LLM heard nothing."
    messages = heard_in(llm.calls[0], "messages")
    assert isinstance(messages, list) and messages and isinstance(messages[-1], dict), (
        "`messages` is a list of objects with a `role` and a `content`. "
        f"The LLM heard {messages!a}."
    )
    role, content = messages[-1].get("role"), messages[-1].get("content")
    assert role == "user", (
        f"The last message of the conversation is the user's. Its role was {role!r}."
    )
    assert content == prompt, f"We sent the query {prompt!a}. The LLM heard {content!a}."


@call
def test_a_long_prompt_reaches_the_llm_whole(app: App, llm: FakeLLM) -> None:
    prompt = "and then " * 800 + llm.nonce
    app.post("/query", json={"query": prompt})
    heard = [len(call.prompt) for call in llm.calls]
    assert heard == [len(prompt)], (
        f"We sent a query of {len(prompt)} characters. The LLM heard {heard or 'nothing'}."
    )


@call
def test_a_whole_answer_is_asked_for_not_a_stream(app: App, llm: FakeLLM) -> None:
    app.post("/query", json={"query": f"Name a river. {llm.nonce}"})
    assert llm.calls, "We asked a question. The LLM heard nothing."
    assert not llm.calls[0].stream, (
        "POST /query answers in one piece. The LLM was asked for a stream."
    )


@call
def test_the_model_asked_for_is_sent_or_else_gpt_4(app: App, llm: FakeLLM) -> None:
    app.post("/query", json={"query": f"Name a river. {llm.nonce}", "model": "tiny-2"})
    app.post("/query", json={"query": f"Name a lake. {llm.nonce}"})
    heard = [heard_in(call, "model") for call in llm.calls]
    assert heard == ["tiny-2", "gpt-4"], (
        "We asked the model tiny-2, then none by name (LLM_MODEL was not set, so gpt-4). "
        f"The models in the calls to the LLM: {heard}."
    )


@call
def test_the_default_model_is_a_setting(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_MODEL="house-model")
    app.post("/query", json={"query": f"Name a lake. {llm.nonce}"})
    app.post("/query", json={"query": f"Name a river. {llm.nonce}", "model": "tiny-2"})
    heard = [heard_in(call, "model") for call in llm.calls]
    assert heard == ["house-model", "tiny-2"], (
        "We started your app with LLM_MODEL=house-model, asked no model by name, then tiny-2. "
        f"The models in the calls to the LLM: {heard}."
    )


@call
def test_the_temperature_asked_for_is_sent_or_else_0_7(app: App, llm: FakeLLM) -> None:
    for temperature in (1.3, 0, 2, 0.35):
        app.post("/query", json={"query": f"Name a river. {llm.nonce}", "temperature": temperature})
    app.post("/query", json={"query": f"Name a lake. {llm.nonce}"})
    heard = [heard_in(call, "temperature") for call in llm.calls]
    assert heard == [1.3, 0, 2, 0.35, 0.7], (
        "We asked at the temperatures 1.3, 0, 2 and 0.35, then without one (so 0.7). "
        f"The temperatures in the calls to the LLM: {heard}."
    )


@call
def test_the_key_is_sent_as_a_bearer_token(app: App, llm: FakeLLM) -> None:
    app.post("/query", json={"query": f"Name a river. {llm.nonce}"})
    assert llm.calls, "We asked a question. The LLM heard nothing."
    sent = llm.calls[0].headers.get("authorization")
    assert sent == f"Bearer {llm.api_key}", (
        f"The LLM looks for its key in the Authorization header. It found {sent!r}."
    )


@call
def test_the_answer_is_what_the_llm_said(app: App, llm: FakeLLM) -> None:
    said = [f"The Rhine.\n\n  {llm.nonce} 🐳", f"The Loire: {llm.nonce}"]
    llm.script(Reply(text=said[0]), Reply(text=said[1]))
    body = {"query": f"Name a river. {llm.nonce}"}
    got = [app.post("/query", json=body).json().get("response") for _ in said]
    assert got == said, (
        f"We asked the same question twice. The LLM said {said}; your app answered {got}."
    )


@call
def test_model_and_tokens_are_what_the_llm_reports(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(text="The Rhine.", model="gpt-4-0613", usage=Usage(101, 23)))
    body = {"query": f"Name a river. {llm.nonce}", "model": "gpt-4"}
    answer = app.post("/query", json=body).json()
    assert answer.get("model") == "gpt-4-0613", (
        "We asked for gpt-4 and the LLM said that gpt-4-0613 answered. "
        f"Your app says {answer.get('model')!r}."
    )
    assert answer.get("tokens_used") == 124, (
        "The LLM counted 101 tokens in the prompt and 23 in the answer, 124 in all. "
        f"Your app says {answer.get('tokens_used')!r}."
    )


@call
def test_a_failing_call_is_not_made_again(app: App, llm: FakeLLM) -> None:
    for failure, reply in (
        ("500", Reply(status=500)),
        ("503", Reply(status=503)),
        ("429", Reply(status=429, retry_after=1)),
        ("400", Reply(status=400)),
        ("something that is not JSON", Reply(body=b"<html>Welcome to the proxy</html>")),
    ):
        llm.always(reply)
        before = len(llm.calls)
        app.post("/query", json={"query": f"Name a river. {llm.nonce} {failure}"})
        heard = len(llm.calls) - before
        assert heard == 1, (
            f"One question is one call, also when the call fails. The LLM answered {failure}, "
            f"and the calls it heard for that question: {heard}."
        )


@call
def test_health_answers_without_the_llm(app: App, llm: FakeLLM) -> None:
    response = app.get("/health")
    assert (response.status, response.json()) == (200, {"status": "ok"}), (
        f"GET /health was answered with {response.status} and {response.text!r}."
    )
    assert not llm.requests, "A health check costs nothing. Yours called the LLM."


# failures


def assert_own_words(response: Response, llm: FakeLLM) -> None:
    """The body is one sentence for a person, and nothing in it or in a header is the LLM's."""
    body = response.json()
    assert isinstance(body, dict) and set(body) == {"detail"}, (
        f"The body of a failure has one field, `detail`. Yours is {response.text!r}."
    )
    assert isinstance(body["detail"], str) and " " in body["detail"].strip(), (
        f"`detail` is a sentence for a person. Yours is {body['detail']!r}."
    )
    assert "127.0.0.1" not in body["detail"], (
        f"A caller has no use for the host of the LLM. Your `detail` holds it: {body['detail']!r}."
    )
    headers = [(f"The header {name}", value) for name, value in response.headers.pairs]
    address = llm.base_url.removeprefix("http://").removesuffix("/v1")
    for secret, what in (
        (llm.api_key, "the key of the LLM"),
        (address, "the address of the LLM"),
        (f"canary-{llm.nonce}", "words the LLM said to your app"),
    ):
        for place, text in (("The body", response.text), *headers):
            assert secret not in text, (
                f"A caller has no use for {what}. {place} of your answer holds it: {text!r}."
            )


@failures
def test_a_server_error_of_the_llm_is_502(app: App, llm: FakeLLM) -> None:
    for status in (500, 502, 503, 504):
        llm.always(Reply(status=status))
        response = app.post("/query", json={"query": f"Name a river. {llm.nonce} {status}"})
        assert response.status == 502, (
            f"The LLM answered {status}. Your app answered {response.status}, not 502."
        )


@failures
def test_a_client_error_of_the_llm_is_502(app: App, llm: FakeLLM) -> None:
    for status in (400, 401, 403, 404, 422):
        llm.always(Reply(status=status))
        response = app.post("/query", json={"query": f"Name a river. {llm.nonce} {status}"})
        assert response.status == 502, (
            f"The LLM refused your app's call with {status}. The caller had asked correctly. "
            f"Your app answered {response.status}, not 502."
        )


@failures
def test_an_unreadable_answer_is_502(app: App, llm: FakeLLM) -> None:
    no_choices = b'{"id": "1", "model": "gpt-4", "choices": [], "usage": {"total_tokens": 3}}'
    for body in (b"<html>Welcome to the proxy</html>", b"\xff\xfe\x00", b'["hello"]', no_choices):
        llm.always(Reply(body=body))
        response = app.post("/query", json={"query": f"Name a river. {llm.nonce} {len(body)}"})
        assert response.status == 502, (
            f"The LLM answered 200 with the body {body!r}, which has no answer in it. "
            f"Your app answered {response.status}, not 502."
        )
        assert_own_words(response, llm)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses connections, and that nobody else can take meanwhile."""
    with socket.socket() as bound_but_not_listening:
        bound_but_not_listening.bind(("127.0.0.1", 0))
        yield bound_but_not_listening.getsockname()[1]


@failures
def test_a_refused_connection_is_502(fresh_app: FreshApp, llm: FakeLLM, closed_port: int) -> None:
    app = fresh_app(LLM_BASE_URL=f"http://127.0.0.1:{closed_port}/v1")
    response = app.post("/query", json={"query": f"Name a river. {llm.nonce}"})
    assert response.status == 502, (
        f"Nobody listens at LLM_BASE_URL. Your app answered {response.status}, not 502."
    )
    assert_own_words(response, llm)
    assert str(closed_port) not in response.text, (
        f"A caller has no use for the address of the LLM. Your answer holds it: {response.text!r}."
    )


@failures
def test_a_connection_closed_without_an_answer_is_502(app: App, llm: FakeLLM) -> None:
    llm.always(Reply(hang_up_after=0))
    response = app.post("/query", json={"query": f"Name a river. {llm.nonce}"})
    assert response.status == 502, (
        "The LLM took the call and closed the connection without an answer. "
        f"Your app answered {response.status}, not 502."
    )
    assert_own_words(response, llm)


@failures
def test_a_silent_llm_is_504_after_the_timeout(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_TIMEOUT_SECONDS="0.3")
    silence = "We set LLM_TIMEOUT_SECONDS to 0.3 and the LLM said nothing at all."
    body = {"query": f"Name a river. {llm.nonce}"}
    llm.always(Reply(gate=Gate()))
    try:
        response = app.post("/query", json=body, within=4)
    except NoAnswer as problem:
        raise AssertionError(f"{silence} {problem}") from None
    assert response.status == 504, f"{silence} Your app answered {response.status}, not 504."
    assert_own_words(response, llm)
    llm.wait_for_calls(1)
    heard = len(llm.calls)
    assert heard == 1, (
        f"{silence} One question is one call, also then. The calls it heard: {heard}."
    )
    llm.always(Reply())
    again = {app.post("/query", json=body).status for _ in range(3)}
    assert 200 in again, (
        f"{silence} Then it was well again and we asked three times more. "
        f"Your app answered {' or '.join(map(str, sorted(again)))}."
    )


@failures
def test_a_busy_llm_is_503_with_its_retry_after(app: App, llm: FakeLLM) -> None:
    for seconds in (7, 120):
        llm.always(Reply(status=429, retry_after=seconds))
        response = app.post("/query", json={"query": f"Name a river. {llm.nonce} {seconds}"})
        assert response.status == 503, (
            f"The LLM answered 429. Your app answered {response.status}, not 503."
        )
        wait = response.headers.get("Retry-After")
        assert wait == str(seconds), (
            f"The LLM asked to be left alone for {seconds} seconds (Retry-After). "
            f"Your app told its caller {wait or 'nothing'}."
        )
    llm.always(Reply(status=429))
    status = app.post("/query", json={"query": f"Name a river. {llm.nonce}"}).status
    assert status == 503, (
        f"The LLM answered 429 without a Retry-After. Your app answered {status}, not 503."
    )


@failures
def test_a_failure_is_told_in_your_own_words(app: App, llm: FakeLLM) -> None:
    canary = f"canary-{llm.nonce}: {llm.api_key} is over its quota"
    for reply in (
        *(Reply(status=status, message=canary) for status in (500, 502, 503, 504)),
        *(Reply(status=status, message=canary) for status in (400, 401, 403, 404, 422)),
        Reply(status=429, message=canary, retry_after=7),
        Reply(body=canary.encode()),
    ):
        llm.always(reply)
        response = app.post("/query", json={"query": f"Name a river. {llm.nonce} {reply.status}"})
        assert response.status >= 500, (
            f"The LLM failed ({reply.status}). Your app answered {response.status}."
        )
        assert_own_words(response, llm)


@failures
def test_the_question_after_a_failure_is_answered(app: App, llm: FakeLLM) -> None:
    prompt = f"Name a river. {llm.nonce}"
    llm.always(Reply(status=500))
    first = app.post("/query", json={"query": prompt})
    llm.always(Reply(text="The Rhine."))
    second = app.post("/query", json={"query": prompt})
    assert (first.status, second.status) == (502, 200), (
        "The LLM failed and was well again. "
        f"Your app answered {first.status}, then {second.status}."
    )


# client


@client
def test_twenty_calls_in_a_row_share_a_connection(app: App, llm: FakeLLM) -> None:
    for number in range(20):
        question = {"query": f"Name river number {number}. {llm.nonce}"}
        how = {"model": f"tiny-{number % 4}", "temperature": number / 10}
        app.post("/query", json=question | how)
    assert len(llm.calls) == 20, f"We asked 20 questions. The LLM heard {len(llm.calls)}."
    assert llm.connections <= 2, (
        f"We asked 20 questions, one after the other. Your app opened {llm.connections} "
        "connections to the LLM for them."
    )


@client
def test_the_connections_are_closed_at_shutdown(fresh_app: FreshApp, llm: FakeLLM) -> None:
    of_others = llm.open_connections
    app = fresh_app(linger=True)
    app.post("/query", json={"query": f"Name a river. {llm.nonce}"})
    how = {"model": "tiny-2", "temperature": 0}
    app.post("/query", json={"query": f"Name a lake. {llm.nonce}"} | how)
    assert len(llm.calls) == 2, f"We asked two questions. The LLM heard {len(llm.calls)}."
    app.terminate()
    app.wait_for_shutdown()
    assert llm.wait_for(lambda: llm.open_connections <= of_others), (
        "We asked your app to shut down, and it did. Its connection to the LLM was still open."
    )


# docs


def openapi(app: App) -> Any:
    response = app.get("/openapi.json")
    assert response.status == 200, f"GET /openapi.json was answered with {response.status}."
    return response.json()


def nodes(document: Any, node: Any, seen: set[str]) -> Iterator[dict[str, Any]]:
    """Every object below `node`, through each `$ref` once."""
    if isinstance(node, list):
        for item in node:
            yield from nodes(document, item, seen)
    elif isinstance(node, dict):
        yield node
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/") and reference not in seen:
            seen.add(reference)
            target = document
            for part in reference.removeprefix("#/").split("/"):
                target = target[part]
            yield from nodes(document, target, seen)
        for value in node.values():
            yield from nodes(document, value, seen)


@docs
def test_the_api_is_called_llm_api(app: App) -> None:
    title = openapi(app)["info"]["title"]
    assert title == "LLM API", f"The title in /openapi.json is {title!r}."


@docs
def test_both_models_are_in_the_docs(app: App) -> None:
    schemas = openapi(app).get("components", {}).get("schemas", {})
    missing = {"QueryRequest", "QueryResponse"} - set(schemas)
    assert not missing, (
        f"The schemas in /openapi.json are {sorted(schemas)}. Missing: {sorted(missing)}."
    )


@docs
def test_the_docs_show_an_example(app: App) -> None:
    document = openapi(app)
    operation = document["paths"]["/query"]["post"]
    found = any(
        node.get("example") or node.get("examples") for node in nodes(document, operation, set())
    )
    assert found, (
        "We went through all that /openapi.json says of POST /query, its body and its answers. "
        "There is no example in it."
    )


@docs
def test_the_failures_are_declared(app: App) -> None:
    declared = set(openapi(app)["paths"]["/query"]["post"]["responses"])
    missing = {"502", "503", "504"} - declared
    assert not missing, (
        f"The answers declared for POST /query are {sorted(declared)}. "
        f"Your app also gives {sorted(missing)}."
    )
