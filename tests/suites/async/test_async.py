"""Lesson async: many questions in one request, a few calls at a time, and a blocking SDK."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from course.fake_llm import Barrier, FakeLLM, Gate, Reply
from course.grading.suite import App, FreshApp, Pending, Response

ITEM = ("query", "response", "error", "tokens_used")
ANSWER = {"response", "model", "tokens_used"}
TURNS = 3  # requests that show that an event loop had time for what came before them

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


def items_of(
    response: Response, count: int, fields: tuple[str, ...] = ("query", "response")
) -> list[dict[str, Any]]:
    """The items of a batch, once it is clear that they are `count` objects with these fields."""
    assert response.status == 200, f"A good batch was answered with {response.status}."
    items = response.json()
    assert isinstance(items, list), f"The answer to a batch is a list. Yours is {items!r}."
    assert len(items) == count, f"We sent {count} questions, and {len(items)} items came back."
    for item in items:
        there = set(item) if isinstance(item, dict) else set()
        assert there.issuperset(fields), (
            f"An item is an object with {', '.join(fields)} (exercise order). "
            f"One of yours is {item!r}."
        )
        assert isinstance(item["query"], str), (
            f"The `query` of an item is the question, a text. One of your items is {item!r}."
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


def answer_next(gate: Gate, app: App, llm: FakeLLM, overlapping: bool) -> None:
    """Let an answer go, and the app take it before the next one comes.

    Calls that follow each other cannot overtake each other: for those there is nothing to wait for.
    """
    under_way = llm.in_flight
    gate.open()
    if overlapping:
        llm.wait_for(lambda: llm.in_flight == under_way - 1)
        for _ in range(TURNS):
            turn = app.begin("GET", "/health")
            deadline = time.monotonic() + 0.3  # a loop that is blocked is another test's matter
            while not turn.finished and time.monotonic() < deadline:
                time.sleep(0.002)


def is_sentence(text: object) -> bool:
    return isinstance(text, str) and " " in text.strip()


def check_failed(item: dict[str, Any] | None, what: str) -> None:
    """The item has no answer and no tokens, and a sentence that says why."""
    assert item is not None, f"{what} The answer has no item for this question."
    assert item["response"] is None, f"{what} There is no response then. The item is {item!r}."
    assert is_sentence(item["error"]), (
        f"{what} The error of its item is a sentence for a person. Yours is {item['error']!r}."
    )
    assert item["tokens_used"] in (0, None), (
        f"{what} A failed call brought no tokens. Its item says {item['tokens_used']!r}."
    )


def check_no_secret(response: Response, llm: FakeLLM, what: str, *addresses: str) -> None:
    """Neither the key nor an address of the LLM is anywhere in the answer."""
    address = llm.base_url.removeprefix("http://").removesuffix("/v1")
    secrets = [("key", llm.api_key), *(("address", each) for each in (address, *addresses))]
    for name, secret in secrets:
        assert secret not in response.text, (
            f"{what} The LLM's {name} went to the client: {response.text!r}."
        )


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
    response = app.post("/batch-query", json=asked)
    items = {item["query"]: item for item in items_of(response, 3, ITEM)}
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
    for gate in reversed(gates):
        answer_next(gate, app, llm, overlapping)
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
def test_a_question_that_failed_keeps_its_place(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app()
    asked = questions(llm, 3)
    gates = [Gate() for _ in asked]
    for question, gate, status in zip(asked, gates, (200, 500, 200), strict=True):
        llm.when(question, Reply(status=status, gate=gate))
    batch = app.begin("POST", "/batch-query", json=asked)
    overlapping = llm.wait_for(lambda: llm.in_flight == 3)
    for number in (0, 2, 1):  # the failure comes last
        answer_next(gates[number], app, llm, overlapping)
    response = batch.result()
    if response.status != 200:
        return  # whether a batch outlives a failure is exercise partial
    places = [item["query"] for item in items_of(response, 3)]
    assert places == asked, (
        f"We asked {asked!r}, and the LLM failed for the second one. "
        f"Your items are those of {places!r}."
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
        assert call.body.get("model") == "gpt-4", (
            f"LLM_MODEL is not set, so the model is gpt-4. You asked {call.body.get('model')!r}."
        )
        assert isinstance(call.body.get("temperature"), int | float), (
            f"A call has a temperature. Yours has {call.body.get('temperature')!r}."
        )
        assert not call.stream, "The whole answer is wanted at once, and you asked for a stream."


@order
def test_llm_model_is_the_model_that_is_asked(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_MODEL="house-model")
    items_of(app.post("/batch-query", json=questions(llm, 1)), 1)
    assert llm.calls, "We sent a batch, and the LLM heard nothing."
    model = (llm.calls[0].body or {}).get("model")
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
    app = fresh_app(MAX_CONCURRENCY="7")
    asked = questions(llm, 7)
    barrier = Barrier(7)
    llm.always(Reply(barrier=barrier))
    check_all_answered(app.post("/batch-query", json=asked), asked, llm)
    assert not barrier.broken, (
        "We started your app with MAX_CONCURRENCY=7 and sent seven questions. The LLM kept its "
        "answers back until all of them were there, and never had seven calls at once."
    )


@bounded
def test_a_call_that_failed_gives_its_place_back(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_CONCURRENCY="1", LLM_TIMEOUT_SECONDS="0.3")
    failures = {
        "answered with status 500": Reply(status=500),
        "closed the connection": Reply(hang_up_after=0),
        "answered with no JSON": Reply(body=b"no JSON"),
        "said nothing for LLM_TIMEOUT_SECONDS": Reply(silent_after=0),
    }
    for number, (what, reply) in enumerate(failures.items()):
        failing = f"Will it fail? {number} {llm.nonce}"
        llm.when(failing, reply)
        app.post("/batch-query", json=[failing])
        asked = [f"Is there a place left? {number} {llm.nonce}"]
        batch = app.begin("POST", "/batch-query", json=asked)
        heard = llm.wait_for(
            lambda asked=asked: any(call.prompt == asked[0] for call in llm.calls), within=3
        )
        assert heard, (
            f"MAX_CONCURRENCY is 1. The LLM {what} when it was asked a question, and then we sent "
            "another. Three seconds later the LLM had not heard of it."
        )
        items_of(batch.result(), 1)


@bounded
def test_a_call_that_failed_gives_back_one_place(
    app: App, llm: FakeLLM, begin: Begin, gate: Gate
) -> None:
    failing = f"Will it fail? {llm.nonce}"
    llm.when(failing, Reply(status=500))
    app.post("/batch-query", json=[failing])
    asked = questions(llm, 12)
    batch = begin("/batch-query", asked)
    llm.wait_for(lambda: llm.in_flight >= 5)
    llm.wait_for(lambda: llm.in_flight > 5, within=0.3)  # a sixth would come now
    gate.open()
    check_all_answered(batch.result(), asked, llm)
    assert llm.peak_in_flight <= 5, (
        "The LLM failed for one question. Then we sent twelve, MAX_CONCURRENCY is 5 by default, "
        f"and the LLM had {llm.peak_in_flight} calls at once."
    )


@bounded
def test_a_call_that_was_too_slow_gives_back_one_place(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_CONCURRENCY="2", LLM_TIMEOUT_SECONDS="1")
    slow = f"Will it be slow? {llm.nonce}"
    llm.when(slow, Reply(silent_after=0))
    app.post("/batch-query", json=[slow])
    check_two_at_a_time(app, llm, "The LLM was too slow for one question.")


@bounded
def test_a_client_that_left_leaves_as_many_places_as_there_were(
    fresh_app: FreshApp, llm: FakeLLM
) -> None:
    app = fresh_app(MAX_CONCURRENCY="2")
    llm.always(Reply(gate=(held := Gate())))
    leaving = app.begin("POST", "/batch-query", json=questions(llm, 6))
    llm.wait_for(lambda: llm.in_flight >= 2)
    leaving.hang_up()
    llm.wait_for(lambda: llm.in_flight == 0, within=1)  # never, when it goes on for nobody
    check_two_at_a_time(app, llm, "A client left while four of its questions waited for a place.")
    held.open()


def check_two_at_a_time(app: App, llm: FakeLLM, what: str) -> None:
    """Of six more questions no more than two are with the LLM."""
    llm.wait_for(lambda: llm.in_flight == 0, within=0.3)
    llm.always(Reply(gate=(gate := Gate())))
    batch = app.begin("POST", "/batch-query", json=questions(llm, 6))
    llm.wait_for(lambda: llm.in_flight >= 2, within=1)
    more = llm.wait_for(lambda: llm.in_flight > 2, within=0.3)  # a third would come now
    most = llm.in_flight
    gate.open()
    batch.hang_up()
    assert not more, (
        f"{what} Then we sent six, MAX_CONCURRENCY is 2, and the LLM had {most} calls at once."
    )


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
    items = {item["query"]: item for item in items_of(response, 4, ITEM)}
    check_failed(items.pop(asked[1], None), "The LLM answered a question with status 500.")
    for question, item in items.items():
        assert (item["response"], item["error"]) == (llm.answer_to(question), None), (
            f"Another question of the batch failed, and this one's item is {item!r}."
        )


FAILURES = {
    "status 500": Reply(status=500),
    "status 503": Reply(status=503),
    "status 429": Reply(status=429, retry_after=7),
    "status 400": Reply(status=400),
    "status 401": Reply(status=401),
    "a body that is no JSON": Reply(body=b"<html>out of order</html>"),
    "a JSON list": Reply(body=b"[]"),
    "no choices": Reply(body=b'{"model": "gpt-4", "choices": [], "usage": {"total_tokens": 3}}'),
    "a closed connection": Reply(hang_up_after=0),
}


@partial
def test_every_way_to_fail_is_the_outcome_of_one_item(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_CONCURRENCY="12")  # who keeps the places of failed calls has enough
    asked = {kind: f"Answer with {kind}, {llm.nonce}" for kind in FAILURES}
    for kind, reply in FAILURES.items():
        llm.when(asked[kind], reply)
    good = f"And answer this one. {llm.nonce}"
    response = app.post("/batch-query", json=[*asked.values(), good])
    assert response.status == 200, (
        f"The LLM failed in {len(asked)} ways for {len(asked)} questions and answered the last. "
        f"Your app answered {response.status}."
    )
    items = {item["query"]: item for item in items_of(response, len(asked) + 1, ITEM)}
    for kind, question in asked.items():
        check_failed(items.get(question), f"The LLM's answer was {kind}.")
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
    items = {item["query"]: item for item in items_of(response, 3, ITEM)}
    check_failed(items.pop(asked[0], None), "The LLM said nothing to a question.")
    for question, item in items.items():
        assert item["response"] == llm.answer_to(question), (
            f"The LLM was silent about another question, and this one's item is {item!r}."
        )
    check_no_secret(response, llm, "The LLM said nothing to a question.")


@partial
def test_a_batch_that_failed_as_a_whole_is_still_200(fresh_app: FreshApp, llm: FakeLLM) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        app = fresh_app(LLM_BASE_URL=f"http://{address}/v1")
        response = app.post("/batch-query", json=questions(llm, 3))
    refused = "The LLM refused every connection."
    assert response.status == 200, (
        f"{refused} A batch is answered with 200 even then, and its items say what "
        f"happened. Your app answered {response.status}."
    )
    for item in items_of(response, 3, ITEM):
        check_failed(item, refused)
    check_no_secret(response, llm, refused, address)
    app = fresh_app()
    for reply in (Reply(status=429, retry_after=7), Reply(status=500)):
        llm.always(reply)
        response = app.post("/batch-query", json=questions(llm, 3))
        what = f"The LLM answered every question with {reply.status}."
        assert response.status == 200, (
            f"{what} A batch is answered with 200 even then. Your app answered {response.status}."
        )
        for item in items_of(response, 3, ITEM):
            check_failed(item, what)


@partial
def test_an_answer_says_nothing_of_key_url_or_upstream(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_CONCURRENCY="12")  # who keeps the places of failed calls has enough
    words = f"quota of customer {llm.nonce} exceeded"
    told = f"{words} at {llm.base_url} with {llm.api_key}"
    replies = (
        *(Reply(status=status, message=told) for status in (500, 503, 429, 400, 401, 404)),
        Reply(body=told.encode()),
        Reply(hang_up_after=0),
        Reply(),
    )
    asked = questions(llm, len(replies))
    for question, reply in zip(asked, replies, strict=True):
        llm.when(question, reply)
    response = app.post("/batch-query", json=asked)
    items_of(response, len(asked))
    check_no_secret(response, llm, "The LLM failed for eight questions of nine.")
    assert words not in response.text, (
        "The LLM failed for eight questions of nine, and what it said of that went to the client: "
        f"{response.text!r}."
    )


# limits


def check_refused(app: App, llm: FakeLLM, body: object, what: str) -> None:
    response = app.post("/batch-query", json=body)
    assert response.status == 422, f"We sent {what}. Your app answered {response.status}, not 422."
    assert not llm.calls, (
        f"We sent {what}, your app answered 422, and by then the LLM had been called "
        f"{len(llm.calls)} times."
    )


def check_none_comes_late(llm: FakeLLM, what: str) -> None:
    late = llm.wait_for(lambda: llm.calls, within=0.2)
    assert not late, f"We sent {what}, your app answered 422, and then it called the LLM."


@limits
def test_an_empty_batch_is_refused(app: App, llm: FakeLLM) -> None:
    check_refused(app, llm, [], "an empty list")


@limits
def test_thirty_two_questions_are_answered_and_thirty_three_refused(app: App, llm: FakeLLM) -> None:
    check_refused(app, llm, questions(llm, 33), "33 questions, and MAX_BATCH is 32 by default")
    check_none_comes_late(llm, "33 questions")
    asked = questions(llm, 32)
    check_all_answered(app.post("/batch-query", json=asked), asked, llm)


@limits
def test_max_batch_is_the_longest_batch(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_BATCH="3")
    check_refused(app, llm, questions(llm, 4), "4 questions to an app with MAX_BATCH=3")
    asked = questions(llm, 3)
    check_all_answered(app.post("/batch-query", json=asked), asked, llm)
    asked = questions(llm, 40)
    check_all_answered(fresh_app(MAX_BATCH="40").post("/batch-query", json=asked), asked, llm)


@limits
def test_a_blank_item_refuses_the_whole_batch(app: App, llm: FakeLLM) -> None:
    for blank in ("", " ", "\t", "\n", "\u00a0", " \t\n\u00a0 "):
        first, last = questions(llm, 2)
        check_refused(app, llm, [first, blank, last], f"two good questions and {blank!r}")
    check_refused(app, llm, [" ", first, last], "a blank and two good questions")
    check_refused(app, llm, [first, last, " "], "two good questions and a blank at the end")
    check_none_comes_late(llm, "two good questions and a blank one")


@limits
def test_an_item_of_8000_characters_is_answered_and_a_longer_one_refused(
    app: App, llm: FakeLLM
) -> None:
    check_refused(app, llm, ["Good?", "x" * 8001], "a good question and one of 8,001 characters")
    check_none_comes_late(llm, "a good question and one of 8,001 characters")
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
    check_none_comes_late(llm, "what is no list of texts")


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
        f"Two seconds later the most it had had at once was {llm.peak_in_flight}."
    )
    for query, question in zip(queries, asked, strict=True):
        answer = query.result().json()
        texts = list(answer.values()) if isinstance(answer, dict) else [answer]
        assert llm.answer_to(question) in texts, f"{question!r} was answered with {answer!r}."


@blocking
def test_a_legacy_query_takes_no_place(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(MAX_CONCURRENCY="1")
    gate = Gate()
    llm.always(Reply(gate=gate))
    queries = [
        app.begin("POST", "/legacy-query", json={"query": text}) for text in questions(llm, 2)
    ]
    overlap = llm.wait_for(lambda: llm.in_flight == 2)
    gate.open()
    for query in queries:
        query.result()
    assert overlap, (
        "MAX_CONCURRENCY is 1, which is for batches. Two clients sent a /legacy-query each, and "
        f"two seconds later the most the LLM had had at once was {llm.peak_in_flight}."
    )


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
    assert llm.calls, "We sent a /legacy-query, and the LLM heard nothing."
    asked = llm.calls[0].body or {}
    heard = (llm.calls[0].prompt, asked.get("model"), asked.get("temperature"), len(llm.calls))
    assert heard == (question, "gpt-5", 1.5, 1), (
        f"We asked {question!r} of gpt-5 at 1.5, once. The LLM heard {heard!r}."
    )


@blocking
def test_a_temperature_of_0_goes_to_the_llm(app: App, llm: FakeLLM) -> None:
    app.post("/legacy-query", json={"query": f"Be exact. {llm.nonce}", "temperature": 0})
    assert llm.calls, "We sent a /legacy-query with temperature 0, and the LLM heard nothing."
    temperature = (llm.calls[0].body or {}).get("temperature")
    assert temperature == 0, f"We asked at temperature 0. The LLM was asked at {temperature!r}."


@blocking
def test_a_legacy_query_has_the_usual_defaults(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_MODEL="house-model")
    app.post("/legacy-query", json={"query": f"What is a pool? {llm.nonce}"})
    assert llm.calls, "We sent a /legacy-query, and the LLM heard nothing."
    body = llm.calls[0].body or {}
    asked = (body.get("model"), body.get("temperature"))
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
def test_a_legacy_query_may_go_to_the_bounds(app: App, llm: FakeLLM) -> None:
    for query in ("🐋" * 8000, "y" * 8000):
        status = app.post("/legacy-query", json={"query": query, "temperature": 2}).status
        assert status == 200, (
            "A question may have 8,000 characters, and a temperature may be 2. "
            f"We sent both to /legacy-query. Your app answered {status}."
        )


@blocking
def test_a_failing_sdk_is_a_sentence_and_no_secret(
    app: App, fresh_app: FreshApp, llm: FakeLLM
) -> None:
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
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        alone = fresh_app(LLM_BASE_URL=f"http://{address}/v1")
        response = alone.post("/legacy-query", json={"query": f"Who is there? {llm.nonce}"})
    check_no_secret(response, llm, "The LLM refused the connection of `complete`.", address)


# hang-up


@hang_up
def test_the_calls_of_a_client_that_left_are_cancelled(llm: FakeLLM, begin: Begin) -> None:
    batch = begin("/batch-query", questions(llm, 12))
    llm.wait_for(lambda: llm.in_flight >= 5)
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
    llm.wait_for(lambda: llm.in_flight >= 5)
    first = llm.calls
    assert first, "We sent a batch, and the LLM heard nothing."
    batch.hang_up()
    llm.wait_for(lambda: llm.in_flight == 0, within=3)
    gate.open()
    last = [f"Is the queue empty? {llm.nonce}"]
    check_all_answered(app.post("/batch-query", json=last), last, llm)
    ended = [call.ended_at for call in first if call.ended_at]
    assert ended, "The client left. Its calls were under way until the end of the test."
    since = [  # a place was free again
        call for call in llm.calls if call.received_at > min(ended) and call.prompt not in last
    ]
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
