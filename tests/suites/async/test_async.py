"""Lesson async: many questions in one request, a few calls at a time, and a blocking SDK."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from course.fake_llm import Barrier, FakeLLM, Gate, Reply
from course.grading.suite import App, FreshApp, Pending, Response

ITEM = {"query", "response", "error", "tokens_used"}
ANSWER = {"response", "model", "tokens_used"}

Begin = Callable[[str, object], Pending]

order = pytest.mark.exercise(
    "order",
    look="start-together-collect-in-order",
    idea="Which answer belongs to which question, and does the caller see it?",
)
concurrent = pytest.mark.exercise(
    "concurrent",
    look="start-together-collect-in-order",
    idea="When does the second call start: with the first one, or after it?",
)
bounded = pytest.mark.exercise(
    "bounded",
    look="a-fixed-number-of-places",
    idea="Who counts the calls that are under way, and over which requests?",
)
partial = pytest.mark.exercise(
    "partial",
    look="a-failure-is-an-outcome",
    idea="Where does the failure of one call end?",
)
limits = pytest.mark.exercise(
    "limits",
    look="refuse-before-you-start",
    idea="What may one request cost, and who checks it before the first call?",
)
responsive = pytest.mark.exercise(
    "responsive",
    look="waiting-must-not-block",
    idea="What does the event loop do while your code waits?",
)
blocking = pytest.mark.exercise(
    "blocking",
    look="blocking-code-belongs-in-a-thread",
    idea="Which thread waits for the SDK?",
)
hang_up = pytest.mark.exercise(
    "hang-up",
    look="stop-when-nobody-listens",
    idea="Who notices that nobody is waiting any more, and what is still running then?",
)


def questions(llm: FakeLLM, count: int) -> list[str]:
    """Questions that no other test has asked."""
    return [f"Question {number} of {count} {llm.nonce}" for number in range(1, count + 1)]


def items_of(response: Response, count: int) -> list[dict[str, Any]]:
    """The items of a batch, once it is clear that they are `count` objects."""
    assert response.status == 200, f"A good batch was answered with {response.status}."
    items = response.json()
    assert isinstance(items, list), f"The answer to a batch is a list. Yours is {items!r}."
    assert len(items) == count, f"We sent {count} questions, and {len(items)} items came back."
    for item in items:
        fields = set(item) if isinstance(item, dict) else set()
        assert fields >= ITEM, (
            f"An item is an object with {sorted(ITEM)} (exercise order). One of yours is {item!r}."
        )
    return items


def check_all_answered(response: Response, asked: list[str], llm: FakeLLM) -> None:
    """Every question has the LLM's answer to it."""
    answers = {item["query"]: item for item in items_of(response, len(asked))}
    for question in asked:
        item = answers.get(question)
        assert item is not None, f"No item has the question {question!r}."
        assert item["response"] == llm.answer_to(question), (
            f"The LLM answered {question!r} with {llm.answer_to(question)!r}. "
            f"Your item is {item!r}."
        )


def is_sentence(text: object) -> bool:
    return isinstance(text, str) and " " in text.strip()


def is_failed(item: dict[str, Any] | None) -> bool:
    """The item has no answer, and a sentence that says why."""
    return item is not None and item["response"] is None and is_sentence(item["error"])


@pytest.fixture
def gate(llm: FakeLLM) -> Gate:
    """Keeps the LLM's answers back until it is opened."""
    gate = Gate()
    llm.always(Reply(gate=gate))
    return gate


@pytest.fixture
def begin(app: App, gate: Gate) -> Iterator[Begin]:
    """Sends a request whose answer the gate keeps back.

    At the end of the test the gate is opened and the app catches up, so that nothing is left to
    reach the next test: open requests are answered, and a batch waits behind those that were left.
    """
    begun: list[Pending] = []

    def begin(path: str, body: object) -> Pending:
        begun.append(app.begin("POST", path, json=body))
        return begun[-1]

    yield begin
    gate.open()
    with suppress(AssertionError):
        for pending in begun:
            if not pending.finished:
                pending.result(within=2)
        app.post("/batch-query", json=["Is all of this test over?"], within=2)


# order


@order
def test_each_item_has_its_question_its_answer_and_its_tokens(app: App, llm: FakeLLM) -> None:
    asked = [
        f"What is an event loop? {llm.nonce}",
        f'And a "task"?\nIn short: {llm.nonce}',
        f"Et une tâche 🧵? {llm.nonce}",
    ]
    items = {item["query"]: item for item in items_of(app.post("/batch-query", json=asked), 3)}
    for question in asked:
        answer = llm.answer_to(question)
        tokens = llm.usage_of(question, answer).total_tokens
        item = items.get(question)
        assert item is not None, (
            f"None of your items has the question {question!r}. They have {list(items)!r}."
        )
        assert item["response"] == answer, (
            f"The LLM answered {question!r} with {answer!r}. Your item says {item['response']!r}."
        )
        assert item["error"] is None, (
            f"Nothing went wrong with {question!r}. Its error is {item['error']!r}, not null."
        )
        assert item["tokens_used"] == tokens, (
            f"The LLM counted {tokens} tokens in all for {question!r}. "
            f"Your item says {item['tokens_used']!r}."
        )


@order
def test_the_order_holds_when_the_last_question_is_answered_first(app: App, llm: FakeLLM) -> None:
    one, two, three, four = questions(llm, 4)
    asked = [two, four, one, three]  # in no order that one could get by sorting
    gates = [Gate() for _ in asked]
    for question, gate in zip(asked, gates, strict=True):
        llm.when(question, Reply(gate=gate))
    batch = app.begin("POST", "/batch-query", json=asked)
    overlapping = llm.wait_for(lambda: llm.in_flight == 4)
    for left, gate in zip((3, 2, 1, 0), reversed(gates), strict=True):
        gate.open()
        if overlapping:  # calls that follow each other cannot overtake each other
            llm.wait_for(lambda left=left: llm.in_flight == left)
    items = items_of(batch.result(), 4)
    places = [item["query"] for item in items]
    assert places == asked, (
        f"We asked {asked!r}, and the LLM answered the last one first. "
        f"Your items are those of {places!r}."
    )
    for item in items:
        assert item["response"] == llm.answer_to(item["query"]), (
            f"The LLM answered in reverse, and now {item['query']!r} has the answer "
            f"{item['response']!r}."
        )


@order
def test_a_question_that_is_asked_twice_is_answered_twice(app: App, llm: FakeLLM) -> None:
    first, second = questions(llm, 2)
    asked = [first, second, first]
    items = items_of(app.post("/batch-query", json=asked), 3)
    twice = [item for item in items if item["query"] == first]
    assert len(twice) == 2, f"We sent {asked!r}. Your items are {items!r}."
    for item in twice:
        assert item["response"] == llm.answer_to(first), (
            f"{first!r} stood in the batch twice, and an item is {item!r}."
        )


@order
def test_each_question_is_one_chat_completion(app: App, llm: FakeLLM) -> None:
    asked = questions(llm, 3)
    items_of(app.post("/batch-query", json=asked), 3)
    heard = sorted(call.prompt for call in llm.calls)
    assert heard == sorted(asked), f"We sent {asked!r}. The LLM heard {heard!r}."
    for call in llm.calls:
        last = call.body["messages"][-1]
        assert last == {"role": "user", "content": call.prompt}, (
            f"The last message to the LLM is the user's question. Yours is {last!r}."
        )
        assert call.headers.get("authorization") == f"Bearer {llm.api_key}", (
            "A call came without `Authorization: Bearer` and the key of LLM_API_KEY."
        )
        assert call.body["model"] == "gpt-4", (
            f"LLM_MODEL is not set, so the model is gpt-4. You asked {call.body['model']!r}."
        )
        assert isinstance(call.body.get("temperature"), int | float), (
            f"A call has a temperature. Yours has {call.body.get('temperature')!r}."
        )
        assert not call.stream, "The whole answer is wanted at once, and you asked for a stream."


@order
def test_llm_model_is_the_model_that_is_asked(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_MODEL="house-model")
    items_of(app.post("/batch-query", json=questions(llm, 1)), 1)
    model = llm.calls[0].body["model"]
    assert model == "house-model", f"LLM_MODEL is house-model. Your batch asked {model!r}."


# concurrent


@concurrent
def test_the_calls_of_a_batch_overlap(app: App, llm: FakeLLM) -> None:
    asked = questions(llm, 5)
    together = Barrier(5)
    llm.always(Reply(barrier=together))
    response = app.post("/batch-query", json=asked)
    assert not together.broken, (
        "We sent five questions. The LLM kept its answers back until it had all five. "
        f"Two seconds later the most it had had at once was {llm.peak_in_flight}."
    )
    check_all_answered(response, asked, llm)


@concurrent
def test_a_long_batch_has_five_calls_under_way(llm: FakeLLM, begin: Begin, gate: Gate) -> None:
    batch = begin("/batch-query", questions(llm, 12))
    full = llm.wait_for(lambda: llm.in_flight >= 5)
    most = llm.peak_in_flight
    gate.open()
    batch.result()
    assert full, (
        "MAX_CONCURRENCY is 5 by default, and we sent twelve questions to an LLM that kept its "
        f"answers back. Two seconds later it had heard {most} of them."
    )


# bounded


@bounded
def test_one_batch_has_never_more_than_five_calls_in_flight(
    llm: FakeLLM, begin: Begin, gate: Gate
) -> None:
    asked = questions(llm, 12)
    batch = begin("/batch-query", asked)
    llm.wait_for(lambda: llm.in_flight >= 5)
    llm.wait_for(lambda: llm.in_flight > 5, within=0.3)  # a sixth would come now
    gate.open()
    check_all_answered(batch.result(), asked, llm)
    assert llm.peak_in_flight <= 5, (
        "MAX_CONCURRENCY is 5 by default. We sent twelve questions, and the LLM had "
        f"{llm.peak_in_flight} calls at once."
    )


@bounded
def test_two_batches_share_the_five_places(llm: FakeLLM, begin: Begin, gate: Gate) -> None:
    asked = questions(llm, 16)
    batches = [begin("/batch-query", part) for part in (asked[:8], asked[8:])]
    llm.wait_for(lambda: llm.in_flight >= 5)
    llm.wait_for(lambda: llm.in_flight > 5, within=0.3)  # a sixth would come now
    gate.open()
    for batch, part in zip(batches, (asked[:8], asked[8:]), strict=True):
        check_all_answered(batch.result(), part, llm)
    assert llm.peak_in_flight <= 5, (
        "MAX_CONCURRENCY is 5 by default. Two clients sent eight questions each at the same time, "
        f"and the LLM had {llm.peak_in_flight} calls at once."
    )


@bounded
def test_max_concurrency_is_the_number_of_places(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_CONCURRENCY="1")
    asked = questions(llm, 4)
    gate = Gate()
    llm.always(Reply(gate=gate))
    batch = app.begin("POST", "/batch-query", json=asked)
    llm.wait_for(lambda: llm.in_flight >= 1)
    llm.wait_for(lambda: llm.in_flight > 1, within=0.3)  # a second would come now
    gate.open()
    check_all_answered(batch.result(), asked, llm)
    assert llm.peak_in_flight == 1, (
        "We started your app with MAX_CONCURRENCY=1 and sent four questions. The LLM had "
        f"{llm.peak_in_flight} calls at once."
    )


@bounded
def test_a_call_that_failed_gives_its_place_back(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app()
    failing = questions(llm, 12)
    for reply in (Reply(status=500), Reply(hang_up_after=0), Reply(body=b"no JSON")):
        llm.always(reply)
        app.post("/batch-query", json=failing)
    llm.always(Reply())
    asked = [f"Is there a place left? {llm.nonce}"]
    check_all_answered(app.post("/batch-query", json=asked), asked, llm)


# partial


@partial
def test_the_others_keep_their_answers_when_one_call_fails(app: App, llm: FakeLLM) -> None:
    asked = questions(llm, 4)
    llm.when(asked[1], Reply(status=500))
    response = app.post("/batch-query", json=asked)
    assert response.status == 200, (
        f"The LLM failed for one question of four. Your app answered {response.status}, "
        "and the three good answers are lost."
    )
    items = {item["query"]: item for item in items_of(response, 4)}
    failed = items.pop(asked[1], {})
    assert failed.get("response", "") is None, (
        f"The LLM answered this question with status 500. Its item is {failed!r}."
    )
    assert is_sentence(failed["error"]), (
        f"The error of a failed item is a sentence for a person. Yours is {failed['error']!r}."
    )
    assert failed["tokens_used"] in (0, None), (
        f"A failed call brought no tokens. Its item says {failed['tokens_used']!r}."
    )
    for question, item in items.items():
        assert (item["response"], item["error"]) == (llm.answer_to(question), None), (
            f"Another question of the batch failed, and this one's item is {item!r}."
        )


FAILURES = {
    "status 500": Reply(status=500),
    "status 429": Reply(status=429, retry_after=7),
    "status 400": Reply(status=400),
    "status 401": Reply(status=401),
    "a body that is no JSON": Reply(body=b"<html>out of order</html>"),
    "a JSON list": Reply(body=b"[]"),
    "no choices": Reply(body=b'{"model": "gpt-4", "choices": [], "usage": {"total_tokens": 3}}'),
    "a closed connection": Reply(hang_up_after=0),
}


@partial
def test_every_way_to_fail_is_the_outcome_of_one_item(app: App, llm: FakeLLM) -> None:
    asked = {kind: f"Answer with {kind}, {llm.nonce}" for kind in FAILURES}
    for kind, reply in FAILURES.items():
        llm.when(asked[kind], reply)
    good = f"And answer this one. {llm.nonce}"
    response = app.post("/batch-query", json=[*asked.values(), good])
    assert response.status == 200, (
        f"The LLM failed in {len(asked)} ways for {len(asked)} questions and answered the last. "
        f"Your app answered {response.status}."
    )
    items = {item["query"]: item for item in items_of(response, len(asked) + 1)}
    for kind, question in asked.items():
        item = items.get(question)
        assert is_failed(item), f"The LLM's answer was {kind}. The item says {item!r}."
    assert items.get(good, {}).get("response") == llm.answer_to(good), (
        f"The LLM answered the last question. Its item is {items.get(good)!r}."
    )


@partial
def test_an_llm_that_says_nothing_fails_one_item(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_TIMEOUT_SECONDS="1")
    asked = questions(llm, 3)
    llm.when(asked[0], Reply(silent_after=0))
    response = app.post("/batch-query", json=asked)
    assert response.status == 200, (
        "The LLM said nothing for LLM_TIMEOUT_SECONDS to one question of three. "
        f"Your app answered {response.status}."
    )
    items = {item["query"]: item for item in items_of(response, 3)}
    silent = items.pop(asked[0], None)
    assert is_failed(silent), f"The LLM said nothing to this question. Its item is {silent!r}."
    for question, item in items.items():
        assert item["response"] == llm.answer_to(question), (
            f"The LLM was silent about another question, and this one's item is {item!r}."
        )


@partial
def test_a_batch_that_failed_as_a_whole_is_still_200(
    app: App, fresh_app: FreshApp, llm: FakeLLM
) -> None:
    asked = questions(llm, 3)
    llm.always(Reply(status=503))
    responses = {"answered every call with 503": app.post("/batch-query", json=asked)}
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
        responses["refused every connection"] = fresh_app(LLM_BASE_URL=url).post(
            "/batch-query", json=asked
        )
    for what, response in responses.items():
        assert response.status == 200, (
            f"The LLM {what}. A batch is answered with 200 even then, and its items say what "
            f"happened. Your app answered {response.status}."
        )
        for item in items_of(response, 3):
            assert is_failed(item), f"The LLM {what}. An item is {item!r}."


@partial
def test_an_error_says_nothing_of_key_url_or_upstream(app: App, llm: FakeLLM) -> None:
    asked = questions(llm, 4)
    words = f"quota of customer {llm.nonce} exceeded"
    told = f"{words} at {llm.base_url} with {llm.api_key}"
    llm.when(asked[0], Reply(status=500, message=told))
    llm.when(asked[1], Reply(status=429, message=told))
    llm.when(asked[2], Reply(status=400, message=told))
    llm.when(asked[3], Reply(body=told.encode()))
    address = llm.base_url.removeprefix("http://").removesuffix("/v1")
    asked.append(f"And answer this one. {llm.nonce}")
    for item in items_of(app.post("/batch-query", json=asked), 5):
        for what, secret in (("key", llm.api_key), ("address", address), ("own words", words)):
            assert secret not in str(item["error"]), (
                f"The error of an item has the LLM's {what} in it: {item['error']!r}."
            )


# limits


def check_refused(app: App, llm: FakeLLM, body: object, what: str) -> None:
    response = app.post("/batch-query", json=body)
    assert response.status == 422, f"We sent {what}. Your app answered {response.status}, not 422."
    assert not llm.calls, (
        f"We sent {what}, your app answered 422, and by then the LLM had been called "
        f"{len(llm.calls)} times."
    )


@limits
def test_an_empty_batch_is_refused(app: App, llm: FakeLLM) -> None:
    check_refused(app, llm, [], "an empty list")


@limits
def test_thirty_two_questions_are_answered_and_thirty_three_refused(app: App, llm: FakeLLM) -> None:
    check_refused(app, llm, questions(llm, 33), "33 questions, and MAX_BATCH is 32 by default")
    asked = questions(llm, 32)
    check_all_answered(app.post("/batch-query", json=asked), asked, llm)


@limits
def test_max_batch_is_the_longest_batch(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_BATCH="3")
    check_refused(app, llm, questions(llm, 4), "4 questions to an app with MAX_BATCH=3")
    asked = questions(llm, 3)
    check_all_answered(app.post("/batch-query", json=asked), asked, llm)


@limits
def test_a_blank_item_refuses_the_whole_batch(app: App, llm: FakeLLM) -> None:
    for blank in ("", " ", "\t", "\n", "\u00a0", " \t\n\u00a0 "):
        first, last = questions(llm, 2)
        check_refused(app, llm, [first, blank, last], f"two good questions and {blank!r}")


@limits
def test_an_item_of_8000_characters_is_answered_and_a_longer_one_refused(
    app: App, llm: FakeLLM
) -> None:
    check_refused(app, llm, ["Good?", "x" * 8001], "a good question and one of 8,001 characters")
    asked = ["🐋" * 8000, "y" * 8000]
    response = app.post("/batch-query", json=asked)
    assert response.status == 200, (
        f"We sent two questions of 8,000 characters each. Your app answered {response.status}."
    )


@limits
def test_what_is_no_list_of_texts_is_refused(app: App, llm: FakeLLM) -> None:
    good = f"A question {llm.nonce}"
    for body in ({"queries": [good]}, good, [good, 5], [[good]], [{"query": good}], [good, None]):
        check_refused(app, llm, body, f"{body!r}, which is no list of texts,")


# responsive


@responsive
def test_health_answers_while_batches_wait(
    app: App, llm: FakeLLM, begin: Begin, gate: Gate
) -> None:
    batches = [begin("/batch-query", questions(llm, 12)) for _ in range(2)]
    assert llm.wait_for(lambda: llm.in_flight), "We sent two batches, and the LLM heard nothing."
    response = app.get("/health", within=3)
    assert (response.status, response.json()) == (200, {"status": "ok"}), (
        "While two batches waited for the LLM, /health answered "
        f"{response.status} {response.text!r}."
    )
    gate.open()
    for batch in batches:
        items_of(batch.result(), 12)


@responsive
def test_health_does_not_ask_the_llm(app: App, llm: FakeLLM) -> None:
    response = app.get("/health")
    assert (response.status, response.json()) == (200, {"status": "ok"}), (
        'GET /health is answered with 200 and {"status": "ok"}. '
        f"Yours: {response.status} {response.text!r}."
    )
    assert not llm.requests, "We asked /health, and your app asked the LLM."


# blocking


@blocking
def test_two_legacy_queries_overlap(llm: FakeLLM, begin: Begin, gate: Gate) -> None:
    asked = questions(llm, 2)
    queries = [begin("/legacy-query", {"query": text}) for text in asked]
    overlap = llm.wait_for(lambda: llm.in_flight == 2)
    gate.open()
    assert overlap, (
        "Two clients sent a /legacy-query each, and the LLM kept its answers back. "
        "Two seconds later it had heard one of them."
    )
    for query, question in zip(queries, asked, strict=True):
        answer = query.result().json()
        texts = list(answer.values()) if isinstance(answer, dict) else [answer]
        assert llm.answer_to(question) in texts, f"{question!r} was answered with {answer!r}."


@blocking
def test_health_answers_while_legacy_queries_wait(app: App, llm: FakeLLM, begin: Begin) -> None:
    for question in questions(llm, 2):
        begin("/legacy-query", {"query": question})
    assert llm.wait_for(lambda: llm.in_flight), (
        "We sent two legacy queries, and the LLM heard neither of them."
    )
    response = app.get("/health", within=3)
    assert response.status == 200, (
        f"While two legacy queries waited for the LLM, /health answered {response.status}."
    )


@blocking
def test_a_legacy_query_is_answered_as_a_query_response(app: App, llm: FakeLLM) -> None:
    question = f"What is a thread? {llm.nonce}"
    llm.script(Reply(model="gpt-4-0613"))
    response = app.post(
        "/legacy-query", json={"query": question, "model": "gpt-5", "temperature": 1.5}
    )
    assert response.status == 200, f"A good /legacy-query was answered with {response.status}."
    answer = llm.answer_to(question)
    right = {
        "response": answer,
        "model": "gpt-4-0613",
        "tokens_used": llm.usage_of(question, answer).total_tokens,
    }
    assert response.json() == right, (
        f"A QueryResponse has exactly {sorted(ANSWER)}, as the LLM answered: {right!r}. "
        f"Yours is {response.json()!r}."
    )
    asked = llm.calls[0].body
    heard = (llm.calls[0].prompt, asked["model"], asked["temperature"], len(llm.calls))
    assert heard == (question, "gpt-5", 1.5, 1), (
        f"We asked {question!r} of gpt-5 at 1.5, once. The LLM heard {heard!r}."
    )


@blocking
def test_a_legacy_query_has_the_usual_defaults(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_MODEL="house-model")
    app.post("/legacy-query", json={"query": f"What is a pool? {llm.nonce}"})
    assert llm.calls, "We sent a /legacy-query, and the LLM heard nothing."
    asked = (llm.calls[0].body["model"], llm.calls[0].body["temperature"])
    assert asked == ("house-model", 0.7), (
        "Without `model` and `temperature` a query asks LLM_MODEL (house-model) at 0.7. "
        f"Yours asked {asked[0]} at {asked[1]}."
    )


@blocking
def test_an_invalid_legacy_query_is_refused(app: App, llm: FakeLLM) -> None:
    for body in (
        {},
        {"query": " \n"},
        {"query": "x" * 8001},
        {"query": ["What is a lock?"]},
        {"query": "What is a lock?", "temperature": -1},
        {"query": "What is a lock?", "temperature": 2.1},
        {"query": "What is a lock?", "temperature": "warm"},
        {"query": "What is a lock?", "model": ["gpt-4"]},
    ):
        response = app.post("/legacy-query", json=body)
        assert response.status == 422, (
            f"We sent {str(body)[:80]} to /legacy-query. Your app answered {response.status}."
        )
    assert not llm.calls, "All of that was refused, and yet the LLM was called."


@blocking
def test_a_failing_sdk_is_a_sentence_and_no_secret(app: App, llm: FakeLLM) -> None:
    words = f"quota of customer {llm.nonce} exceeded"
    told = f"{words} at {llm.base_url} with {llm.api_key}"
    address = llm.base_url.removeprefix("http://").removesuffix("/v1")
    for reply in (Reply(status=500, message=told), Reply(body=told.encode()), Reply(body=b"[]")):
        llm.script(reply)
        response = app.post("/legacy-query", json={"query": f"Who fails? {llm.nonce}"})
        assert 500 <= response.status <= 599, (
            f"`complete` raised LegacyError, and the status is {response.status}."
        )
        try:
            detail = response.json()["detail"]
        except (AssertionError, KeyError, TypeError):
            detail = None
        assert is_sentence(detail), (
            "`complete` raised LegacyError. The answer is an object whose `detail` is a sentence "
            f"for a person. Yours is {response.text!r}."
        )
        for what, secret in (("key", llm.api_key), ("address", address), ("own words", words)):
            assert secret not in response.text, (
                f"`complete` raised LegacyError, and the LLM's {what} went to the client: "
                f"{response.text!r}."
            )


# hang-up


@hang_up
def test_the_calls_of_a_client_that_left_are_cancelled(llm: FakeLLM, begin: Begin) -> None:
    batch = begin("/batch-query", questions(llm, 12))
    llm.wait_for(lambda: llm.in_flight == 5)
    calls = llm.calls
    batch.hang_up()
    llm.wait_for(lambda: all(call.aborted for call in calls), within=3)
    going_on = sum(not call.aborted for call in calls)
    assert calls, "We sent a batch, and the LLM heard nothing."
    assert not going_on, (
        f"The client left while calls of its batch were under way: {len(calls)}. Three seconds "
        f"later {going_on} of them still were, for nobody."
    )


@hang_up
def test_no_call_starts_for_a_client_that_left(
    app: App, llm: FakeLLM, begin: Begin, gate: Gate
) -> None:
    batch = begin("/batch-query", questions(llm, 12))
    llm.wait_for(lambda: llm.in_flight == 5)
    first = llm.calls
    assert first, "We sent a batch, and the LLM heard nothing."
    batch.hang_up()
    llm.wait_for(lambda: llm.in_flight == 0, within=3)
    gate.open()
    last = [f"Is the queue empty? {llm.nonce}"]
    check_all_answered(app.post("/batch-query", json=last), last, llm)
    freed = min(call.ended_at for call in first if call.ended_at)  # a place was free again
    since = [call for call in llm.calls if call.received_at > freed and call.prompt not in last]
    assert not since, (
        f"The client left while {len(first)} of its twelve questions were with the LLM. "
        f"{len(since)} of the others were asked after that."
    )


@hang_up
def test_the_batch_of_another_client_goes_on(llm: FakeLLM, begin: Begin, gate: Gate) -> None:
    ours, theirs = questions(llm, 2)
    leaving = begin("/batch-query", [ours])
    llm.wait_for(lambda: llm.in_flight == 1)
    staying = begin("/batch-query", [theirs])
    llm.wait_for(lambda: llm.in_flight == 2)
    leaving.hang_up()
    gone = llm.wait_for(lambda: llm.calls and llm.calls[0].aborted, within=3)
    gate.open()
    check_all_answered(staying.result(), [theirs], llm)
    assert gone, "Of two clients one left. Three seconds later its call was still under way."
