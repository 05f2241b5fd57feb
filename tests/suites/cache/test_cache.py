"""Lesson cache: an answer that was paid for once is not paid for again, nor given to another."""

import itertools
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from course.fake_llm import FakeLLM, Gate, Reply
from course.grading.suite import App, FreshApp, RedisServer, Response

IMPORTS = ("redis.asyncio",)

FIELDS = {"response", "model", "tokens_used"}
LATER = 0.5  # seconds that a lost Redis may cost
BUSY = 0.3  # what a machine with other work may add
ATTEMPTS = 3  # where a busy machine may spoil the proof
NEW = itertools.count()
NEVER_HIT: list[App] = []  # apps that had two seconds to answer from their Redis, and did not

hit = pytest.mark.exercise(
    "hit",
    look="look-before-you-ask",
    idea="What does your app do with an answer after it has sent it?",
)
key = pytest.mark.exercise(
    "key",
    look="name-everything-the-answer-depends-on",
    idea="Which two requests may have the same answer, and who says so?",
)
expiry = pytest.mark.exercise(
    "expiry",
    look="let-answers-grow-old",
    idea="How old is the answer you are about to send?",
)
bounded = pytest.mark.exercise(
    "bounded",
    look="forget-the-least-recently-used",
    idea="Which entry will be missed the least?",
)
only_good = pytest.mark.exercise(
    "only-good",
    look="keep-only-good-answers",
    idea="Would you want to read this answer again in an hour?",
)
stampede = pytest.mark.exercise(
    "stampede",
    look="one-call-for-all-who-wait",
    idea="Where can a request see that somebody is asking the same thing right now?",
)
bypass = pytest.mark.exercise(
    "bypass",
    look="let-the-caller-insist",
    idea="What does a caller who says no-cache not want to read, and what about the next caller?",
)
shared = pytest.mark.exercise(
    "shared",
    look="one-cache-for-all-processes",
    idea="Where does an entry live, and who can find it there?",
)
degraded = pytest.mark.exercise(
    "degraded",
    look="a-cache-is-allowed-to-fail",
    idea="What does your app need Redis for, and for how long is it worth waiting?",
)


def ask(
    app: App, query: str, tenant: str | None = None, fresh: bool = False, **fields: object
) -> Response:
    """One question; `fresh` is for those who want no answer from the cache."""
    sent = {} if tenant is None else {"X-Tenant-ID": tenant}
    if fresh:
        sent["Cache-Control"] = "no-cache"
    return app.post("/query", json={"query": query, **fields}, headers=sent)


def text(response: Response) -> str:
    """What a good answer says."""
    assert response.status == 200, f"A valid question was answered with {response.status}."
    said = response.json()["response"]
    assert isinstance(said, str), f"`response` is a text. Yours is {said!r}."
    return said


def number_answers(llm: FakeLLM) -> None:
    """No two answers are alike: the first is "Answer 1.", and so on, whatever was asked."""
    llm.behave(lambda call: Reply(text=f"Answer {call.number}."))


# hit


@hit
def test_equal_questions_are_one_call(app: App, llm: FakeLLM) -> None:
    for _ in range(3):
        text(ask(app, f"Name a river. {llm.nonce}"))
    assert len(llm.calls) == 1, (
        f"We asked the same question three times. The LLM heard it {len(llm.calls)} times."
    )


@hit
def test_the_answer_says_where_it_comes_from(app: App, llm: FakeLLM) -> None:
    llm.always(Reply(text="The Rhine.", model="gpt-4-0613"))
    answers = [ask(app, f"Name a river. {llm.nonce}") for _ in range(3)]
    said = [answer.headers.get("X-Cache") for answer in answers]
    assert said == ["MISS", "HIT", "HIT"], (
        "We asked the same question three times: once it was new, twice it was known. The LLM "
        f"calls itself gpt-4-0613. The headers X-Cache of your answers: {said}."
    )


@hit
def test_a_hit_is_the_same_answer(app: App, llm: FakeLLM) -> None:
    told = f'1. The Rhine\n\n  2.\tL\'Aa \u2028 \\n "quoted" 🐳\r\n {llm.nonce}'
    llm.always(Reply(text=told, model="gpt-4-0613"))
    first, second = (ask(app, f"Name two rivers. {llm.nonce}") for _ in range(2))
    assert text(first) == told, f"The LLM said {told!r}. Your app answered {text(first)!r}."
    assert set(first.json()) == FIELDS, (
        f"A QueryResponse has exactly {sorted(FIELDS)}. Yours has {sorted(first.json())}."
    )
    assert second.status == 200 and second.json() == first.json(), (
        "We asked the same question twice and compared the answers. "
        f"The first was {first.text!r}, the second {second.text!r}."
    )
    assert len(llm.calls) == 1, (
        "We asked the same question twice, and the LLM, which calls itself gpt-4-0613, heard it "
        f"{len(llm.calls)} times."
    )


# key


@key
def test_another_query_is_asked_for(app: App, llm: FakeLLM) -> None:
    number_answers(llm)
    same = "the same beginning " * 400
    for one, other in (
        ("What is polish?", "What is Polish?"),
        ("if a:\n    b()\nc()", "if a:\n    b()\n    c()"),
        ("You are right!", "You are right?"),
        ("Ou est-il?", "Où est-il?"),
        ("What is x²?", "What is x2?"),
        ("Turn it on.", "Turn it off."),
        (f"{same}a", f"{same}b"),
    ):
        first, second = (text(ask(app, f"{llm.nonce} {query}")) for query in (one, other))
        assert first != second, (
            f"We asked {one[-30:]!r}, then {other[-30:]!r} (the ends of both). "
            f"Both got the same answer, {second!r}."
        )


@key
def test_another_model_is_asked_for(app: App, llm: FakeLLM) -> None:
    number_answers(llm)
    query = f"Name a river. {llm.nonce}"
    models = ("tiny-1", "tiny-2", "Tiny-1", "gpt-4")
    got = [text(ask(app, query, model=model)) for model in models]
    assert len(set(got)) == len(models), (
        f"We asked the models {models} the same question. The answers your app gave: {got}."
    )


@key
def test_another_temperature_is_asked_for(app: App, llm: FakeLLM) -> None:
    number_answers(llm)
    query = f"Name a river. {llm.nonce}"
    temperatures = (0, 0.2, 0.25, 0.701, 0.702, 0.9, 1.2, 2)
    got = [text(ask(app, query, temperature=temperature)) for temperature in temperatures]
    assert len(set(got)) == len(temperatures), (
        f"We asked the same question at the temperatures {temperatures}. "
        f"The answers your app gave: {got}."
    )


@key
def test_another_tenant_is_asked_for(app: App, llm: FakeLLM) -> None:
    number_answers(llm)
    query = f"Name our largest customer. {llm.nonce}"
    tenants = ("customer-1", "customer-2", "Customer-1", None)
    got = [text(ask(app, query, tenant)) for tenant in tenants]
    assert len(set(got)) == len(tenants), (
        f"The tenants {tenants[:-1]} asked the same question, and then somebody without the header "
        f"X-Tenant-ID. The answers your app gave: {got}."
    )


@key
def test_who_names_no_tenant_is_public(app: App, llm: FakeLLM) -> None:
    number_answers(llm)
    query = f"Name a river. {llm.nonce}"
    without, public = text(ask(app, query)), text(ask(app, query, "public"))
    assert without == public, (
        "We asked without the header X-Tenant-ID, then with `X-Tenant-ID: public`, which is the "
        f"tenant of those who name none. The answers: {without!r}, then {public!r}."
    )


@key
def test_the_order_of_json_fields_does_not_matter(app: App, llm: FakeLLM) -> None:
    number_answers(llm)
    body = {"query": f"Name a river. {llm.nonce}", "model": "tiny-1", "temperature": 0.5}
    first, second = (
        text(app.post("/query", json=dict(fields)))
        for fields in (body.items(), reversed(body.items()))
    )
    assert first == second, (
        "We sent the same three fields twice, the second time in another order. "
        f"The LLM heard {len(llm.calls)} calls."
    )


@key
def test_parts_that_run_into_each_other_are_kept_apart(app: App, llm: FakeLLM) -> None:
    number_answers(llm)
    for one, other in itertools.permutations(("tenant", "model", "query"), 2):
        for mark in ("", ":", "|", "-", "/", ",", "_", " "):
            parts = {"tenant": "acme", "model": "tiny", "query": f"Why? {llm.nonce}"}
            moved = f"0.7{mark}"  # so that it also meets a temperature between the two
            left = {**parts, one: f"{parts[one]}{mark}0.7"}
            right = {**parts, other: f"{moved}{parts[other]}"}
            first, second = (
                ask(app, asked["query"], asked["tenant"], model=asked["model"])
                for asked in (left, right)
            )
            # An app may be choosy about tenants: what it refuses it cannot mix up.
            refused = first.status != 200 or second.status != 200
            assert refused or text(first) != text(second), (
                f"We asked with the {one} {left[one]!r} and the {other} {left[other]!r}, then with "
                f"{right[one]!r} and {right[other]!r}. Both got the same answer."
            )


# expiry


@expiry
def test_an_entry_older_than_the_ttl_is_not_used(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(CACHE_TTL_SECONDS="0.5")
    number_answers(llm)
    first, _ = text(ask(app, "Who leads the league?")), text(ask(app, "Who holds the cup?"))
    time.sleep(0.8)
    second = text(ask(app, "Who leads the league?"))
    assert second != first, (
        "We set CACHE_TTL_SECONDS to 0.5, asked, waited for 0.8 seconds and asked again. "
        f"Your app answered {first!r} both times."
    )
    llm.always(Reply(status=500))
    late = ask(app, "Who holds the cup?")
    assert late.status == 502, (
        "We set CACHE_TTL_SECONDS to 0.5, asked, waited for 0.8 seconds and asked again, and now "
        f"the LLM failed. Your app answered {late.status} and {late.text!r}."
    )


@expiry
def test_an_entry_younger_than_the_ttl_is_used(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(CACHE_TTL_SECONDS="60.5", CACHE_URL="memory://")
    number_answers(llm)
    first = text(ask(app, "Who led the league in 1974?"))
    time.sleep(0.3)
    second = text(ask(app, "Who led the league in 1974?"))
    assert second == first, (
        "We set CACHE_TTL_SECONDS to 60.5 and CACHE_URL to memory://, which is its default, asked, "
        "and asked again 0.3 seconds later. "
        f"Your app answered {first!r}, then {second!r}."
    )


@expiry
def test_an_entry_is_as_old_as_its_answer(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(CACHE_TTL_SECONDS="1")
    number_answers(llm)
    proved = set()
    for attempt in range(ATTEMPTS):  # again when the machine was too slow to prove anything
        league, cup = f"Who leads the league? {attempt}", f"Who holds the cup? {attempt}"
        first, held = text(ask(app, league)), text(ask(app, cup))
        kept = time.monotonic()
        time.sleep(0.6)
        used = text(ask(app, league))
        replaced = time.monotonic()
        fresh = text(ask(app, cup, fresh=True))
        time.sleep(max(0, kept + 1.2 - time.monotonic()))
        young = text(ask(app, cup))
        in_time = time.monotonic() < replaced + 0.97
        if fresh == held:  # `no-cache` is not heard yet, which another exercise asks for
            proved.add("another answer does")
        elif in_time:
            assert young == fresh, (
                "We set CACHE_TTL_SECONDS to 1, asked, asked with `Cache-Control: no-cache` after "
                f"0.6 seconds ({fresh!r}), and once more after 1.2. Your app answered {young!r}."
            )
            proved.add("another answer does")
        last = text(ask(app, league))
        if used == first:
            assert last != first, (
                "We set CACHE_TTL_SECONDS to 1, asked, asked again after 0.6 seconds and once more "
                f"after 1.2. Your app answered {first!r} all three times."
            )
            proved.add("a use makes it no younger")
        if len(proved) == 2:
            return


@expiry
def test_the_time_that_the_llm_takes_is_not_age(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(CACHE_TTL_SECONDS="1")
    llm.behave(lambda call: Reply(text=f"Answer {call.number}.", delay=1.1))
    for attempt in range(ATTEMPTS):
        first, second = (text(ask(app, f"Who led the league? {attempt}")) for _ in range(2))
        if second == first:
            return
    raise AssertionError(
        "We set CACHE_TTL_SECONDS to 1, and the LLM took 1.1 seconds to answer. We asked the same "
        f"question again as soon as we had {first!r}. Your app answered {second!r}."
    )


# bounded


@bounded
def test_a_full_cache_forgets_the_oldest_entry(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(CACHE_MAX_ENTRIES="2")
    number_answers(llm)
    names = ("Oslo", "Oslo", "Oslo", "Rome", "Bern")
    first = {name: text(ask(app, f"Where is {name}?")) for name in names}
    again = {name: text(ask(app, f"Where is {name}?")) for name in ("Bern", "Rome", "Oslo")}
    asked = (
        "We set CACHE_MAX_ENTRIES to 2, asked for Oslo three times, for Rome and for Bern, and "
        "then for Bern, Rome and Oslo. "
    )
    for name in ("Bern", "Rome"):
        assert again[name] == first[name], (
            f"{asked}There was room for the last two, and yet the LLM was asked for {name} again."
        )
    assert again["Oslo"] != first["Oslo"], (
        f"{asked}There was no room for three, and yet {first['Oslo']!r} came again for Oslo."
    )


@bounded
def test_a_used_entry_outlives_one_that_nobody_uses(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(CACHE_MAX_ENTRIES="2")
    number_answers(llm)
    first = {name: text(ask(app, f"Where is {name}?")) for name in ("Oslo", "Rome")}
    ask(app, "Where is Oslo?")
    ask(app, "Where is Bern?")
    asked = (
        "We set CACHE_MAX_ENTRIES to 2 and asked for Oslo, Rome, Oslo again, and Bern. "
        "Rome was then the one that nobody had used for the longest time"
    )
    assert text(ask(app, "Where is Oslo?")) == first["Oslo"], (
        f"{asked}, and yet it was Oslo that the LLM was asked for again."
    )
    assert text(ask(app, "Where is Rome?")) != first["Rome"], (
        f"{asked}, and yet {first['Rome']!r} came again for Rome."
    )


@bounded
def test_the_entries_of_all_tenants_count_together(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(CACHE_MAX_ENTRIES="2")
    number_answers(llm)
    first, _, _ = (
        text(ask(app, f"Where is {name}?", tenant))
        for name, tenant in (("Oslo", "acme"), ("Rome", "bolt"), ("Bern", "core"))
    )
    again = text(ask(app, "Where is Oslo?", "acme"))
    assert again != first, (
        "We set CACHE_MAX_ENTRIES to 2, and three tenants asked one question each. There was no "
        f"room for three, and yet {first!r} came again for the first of them."
    )


@bounded
def test_a_replaced_entry_takes_no_second_place(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(CACHE_MAX_ENTRIES="2")
    number_answers(llm)
    first = {name: text(ask(app, f"Where is {name}?")) for name in ("Oslo", "Rome")}
    ask(app, "Where is Rome?", fresh=True)
    again = text(ask(app, "Where is Oslo?"))
    assert again == first["Oslo"], (
        "We set CACHE_MAX_ENTRIES to 2, asked for Oslo and Rome, and then for Rome with "
        "`Cache-Control: no-cache`. That is two entries, and yet the LLM was asked for Oslo again."
    )


@bounded
def test_there_is_room_for_more_than_a_few(app: App, llm: FakeLLM) -> None:
    number_answers(llm)
    first, *_ = (text(ask(app, f"What is {n} squared? {llm.nonce}")) for n in range(130))
    again = text(ask(app, f"What is 0 squared? {llm.nonce}"))
    assert again == first, (
        "We left CACHE_MAX_ENTRIES at its default, asked 130 questions, and then the first of them "
        f"again. Your app answered {first!r}, then {again!r}."
    )


# only-good


@only_good
def test_a_failure_is_not_kept_and_the_answer_after_it_is(
    fresh_app: FreshApp, app: App, llm: FakeLLM
) -> None:
    hasty = fresh_app(LLM_TIMEOUT_SECONDS="1")
    for own, reply, what in (
        (app, Reply(status=500), "answered 500"),
        (app, Reply(status=400), "answered 400"),
        (app, Reply(status=429, retry_after=1), "answered 429"),
        (app, Reply(body=b"<html>Welcome to the proxy</html>"), "answered with a page of HTML"),
        (hasty, Reply(gate=Gate()), "said nothing for LLM_TIMEOUT_SECONDS"),
    ):
        for attempt in range(ATTEMPTS):  # a second may be short for a busy machine
            query = f"Name a river. {what} {llm.nonce} {attempt}"
            llm.always(reply)
            failed = ask(own, query)
            llm.always(Reply(text="The Rhine."))
            good = ask(own, query)
            if good.status == 200:
                break
        llm.always(Reply(text="The Loire."))
        again = ask(own, query)
        assert failed.status in (502, 503, 504), (
            f"The LLM {what}. Your app answered {failed.status}."
        )
        assert good.status == 200 and text(good) == "The Rhine.", (
            f"The LLM {what}, and was well again. We asked the same question as before. "
            f"Your app answered {good.status} and {good.text!r}."
        )
        assert text(again) == "The Rhine.", (
            f"The LLM {what}, then said 'The Rhine.', a good answer. When we asked a third time, "
            "the LLM was asked again."
        )


@only_good
def test_a_truncated_answer_is_not_kept(app: App, llm: FakeLLM) -> None:
    for fresh, how in ((False, ""), (True, " with `Cache-Control: no-cache`")):
        before = len(llm.calls)
        query = f"Name the rivers of Europe{how}. {llm.nonce}"
        llm.always(Reply(text="The Rhine, the Loi", finish_reason="length"))
        cut = text(ask(app, query, fresh=fresh))
        llm.always(Reply(text="The Rhine, the Loire."))
        whole, again = text(ask(app, query)), text(ask(app, query))
        assert cut == "The Rhine, the Loi", (
            f"We asked{how}. The LLM said 'The Rhine, the Loi' and was cut off there. "
            f"Your app answered {cut!r}."
        )
        assert whole == "The Rhine, the Loire.", (
            f"We asked{how}. The LLM's answer was cut off (`finish_reason` was `length`). We asked "
            f"again, and your app answered {whole!r}."
        )
        heard = len(llm.calls) - before
        assert (heard, again) == (2, whole), (
            f"We asked{how} and twice more. The first answer was cut off, the second was whole. "
            f"The LLM heard {heard} calls."
        )


# stampede


def twenty_at_once(
    app: App, llm: FakeLLM, reply: Reply, query: str, silence: float = 0.5
) -> list[Response]:
    """The answers to twenty equal questions; all are in before the LLM answers the first call.

    It is silent for some seconds then, or until a second call comes.
    """
    assert reply.gate is not None
    llm.always(reply)
    before = len(llm.calls)
    pending = [app.begin("POST", "/query", json={"query": query}) for _ in range(20)]
    assert llm.wait_for(lambda: len(llm.calls) > before, within=10), (
        "We asked twenty times at once. Ten seconds later the LLM had heard nothing."
    )
    app.get("/health")  # came after them all, and is served
    llm.wait_for(lambda: len(llm.calls) > before + 1, within=silence)  # calls that should not come
    reply.gate.open()
    return [each.result() for each in pending]


def answered(response: Response) -> str:
    """The text; of a failure the status, and how long one should wait if that is said."""
    if response.status == 200:
        return text(response)
    wait = response.headers.get("Retry-After")
    return str(response.status) if wait is None else f"{response.status}, Retry-After: {wait}"


@stampede
def test_twenty_equal_questions_at_once_are_one_call(app: App, llm: FakeLLM) -> None:
    query = f"Name a river. {llm.nonce}"
    reply = Reply(text="The Rhine.", gate=Gate())
    answers = twenty_at_once(app, llm, reply, query, silence=2)
    got = [answered(each) for each in answers]
    assert got == ["The Rhine."] * 20, (
        "The same question came twenty times at once, and the LLM said 'The Rhine.' "
        f"The answers your app gave: {got}."
    )
    bodies = [each.json() for each in answers]
    different = [body for body in bodies if body != bodies[0]]
    assert not different, (
        "The same question came twenty times at once. The answers your app gave are not equal: "
        f"{bodies[0]} and {different[0]}."
    )
    assert len(llm.calls) == 1, (
        "The same question came twenty times before the LLM had answered it once, for which it was "
        f"given two seconds. The LLM heard it {len(llm.calls)} times."
    )


@stampede
def test_a_failure_is_told_to_all_who_wait(app: App, llm: FakeLLM) -> None:
    for attempt in range(ATTEMPTS):  # again when one of the twenty came late to a busy machine
        before = len(llm.calls)
        query = f"Name a river. {llm.nonce} {attempt}"
        reply = Reply(status=429, retry_after=7, gate=Gate())
        got = [answered(each) for each in twenty_at_once(app, llm, reply, query)]
        assert got == ["503, Retry-After: 7"] * 20, (
            "The same question came twenty times at once, and the LLM said 429 with "
            "`Retry-After: 7`. "
            f"The answers your app gave: {got}."
        )
        calls = len(llm.calls) - before
        if calls == 1:
            break
    assert calls == 1, (
        "The same question came twenty times at once, and the LLM said 429 to the first call. "
        f"It heard {calls}."
    )


@stampede
def test_a_cut_answer_is_told_to_all_who_wait(app: App, llm: FakeLLM) -> None:
    for attempt in range(ATTEMPTS):  # again when one of the twenty came late to a busy machine
        before = len(llm.calls)
        query = f"Name the rivers of Europe. {llm.nonce} {attempt}"
        reply = Reply(text="The Rhine, the Loi", finish_reason="length", gate=Gate())
        got = [answered(each) for each in twenty_at_once(app, llm, reply, query)]
        assert got == ["The Rhine, the Loi"] * 20, (
            "The same question came twenty times at once. The LLM said 'The Rhine, the Loi' and "
            f"was cut off there. The answers your app gave: {got}."
        )
        calls = len(llm.calls) - before
        if calls == 1:
            return
    raise AssertionError(
        "The same question came twenty times before the LLM had answered it once, and that answer "
        f"was cut off (`finish_reason` was `length`). The LLM heard the question {calls} times."
    )


@stampede
def test_a_silent_llm_is_told_to_all_who_wait(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_TIMEOUT_SECONDS="1")
    llm.always(Reply(gate=Gate()))
    pending = [app.begin("POST", "/query", json={"query": "Name a river."}) for _ in range(20)]
    got = [answered(each.result()) for each in pending]
    assert got == ["504"] * 20, (
        "The same question came twenty times at once, and the LLM said nothing for "
        f"LLM_TIMEOUT_SECONDS. The answers your app gave: {got}."
    )


@stampede
def test_an_entry_that_grew_old_brings_no_crowd(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(CACHE_TTL_SECONDS="0.2")
    for attempt in range(ATTEMPTS):  # again when one of the twenty came late to a busy machine
        league, cup = f"Who leads the league? {attempt}", f"Who holds the cup? {attempt}"
        llm.always(Reply(text="The Reds."))
        for query in (league, cup):
            ask(app, query)
        time.sleep(0.5)
        llm.always(Reply(text="The Blues."))
        if text(ask(app, cup)) == "The Reds.":  # nothing grows old: another exercise's fault
            return
        before = len(llm.calls)
        twenty_at_once(app, llm, Reply(text="The Blues.", gate=Gate()), league)
        calls = len(llm.calls) - before
        if calls == 1:
            return
    raise AssertionError(
        "We set CACHE_TTL_SECONDS to 0.2, asked, and half a second later the same question came "
        f"twenty times before the LLM had answered it once more. The LLM heard it {calls} times."
    )


@stampede
def test_the_next_question_after_a_failure_tries_again(app: App, llm: FakeLLM) -> None:
    query = f"Name a river. {llm.nonce}"
    twenty_at_once(app, llm, Reply(status=500, gate=Gate()), query)
    llm.always(Reply(text="The Rhine."))
    answer = ask(app, query)
    assert answer.status == 200 and text(answer) == "The Rhine.", (
        "The same question came twenty times at once, and the LLM failed. It was well again when "
        f"we asked once more. Your app answered {answer.status} and {answer.text!r}."
    )


@stampede
def test_other_questions_never_wait_for_the_same_call(app: App, llm: FakeLLM) -> None:
    number_answers(llm)
    askers: list[tuple[str, dict[str, Any]]] = [
        ("acme", {}),
        ("bolt", {}),
        ("acme", {"model": "tiny-1"}),
        ("acme", {"temperature": 0}),
    ]
    earlier = f"Name our first customer. {llm.nonce}"
    apart = [text(ask(app, earlier, tenant, **fields)) for tenant, fields in askers]
    if len(set(apart)) < len(askers):  # they share, waiting or not: that is the key's fault
        return
    gate = Gate()
    llm.behave(lambda call: Reply(text=f"Answer {call.number}.", gate=gate))
    query = f"Name our largest customer. {llm.nonce}"
    pending = [
        app.begin(
            "POST", "/query", json={"query": query, **fields}, headers={"X-Tenant-ID": tenant}
        )
        for tenant, fields in askers
    ]
    gate.wait_for_waiting(len(askers))  # or one after the other: that is another question
    gate.open()
    got = [text(each.result()) for each in pending]
    assert len(set(got)) == len(askers), (
        "The same query came four times at once: from the tenant acme, from the tenant bolt, and "
        "from acme to another model and at another temperature. "
        f"The answers your app gave: {got}."
    )


# bypass


@bypass
def test_no_cache_is_answered_afresh(app: App, llm: FakeLLM) -> None:
    number_answers(llm)
    query = f"Who leads the league? {llm.nonce}"
    known, fresh = ask(app, query), ask(app, query, fresh=True)
    assert text(fresh) != text(known), (
        "We asked, and asked again with `Cache-Control: no-cache`. "
        f"Your app answered {text(known)!r} both times."
    )
    said = fresh.headers.get("X-Cache")
    assert said == "BYPASS", (
        f"We asked with `Cache-Control: no-cache`. The header X-Cache of your answer was {said!r}."
    )


@bypass
def test_the_fresh_answer_replaces_the_entry(app: App, llm: FakeLLM) -> None:
    number_answers(llm)
    query = f"Who leads the league? {llm.nonce}"
    first = text(ask(app, query))
    fresh = text(ask(app, query, fresh=True))
    last = text(ask(app, query))
    assert last == fresh, (
        f"We asked ({first!r}), asked with `Cache-Control: no-cache` ({fresh!r}), and asked "
        f"without it. Your app answered {last!r}."
    )


@bypass
def test_a_fresh_answer_that_fails_is_a_failure(app: App, llm: FakeLLM) -> None:
    query = f"Who leads the league? {llm.nonce}"
    known = text(ask(app, query))
    llm.always(Reply(status=500))
    fresh = ask(app, query, fresh=True)
    assert fresh.status == 502, (
        f"We asked ({known!r}), and asked again with `Cache-Control: no-cache`, but now the LLM "
        f"failed. Your app answered {fresh.status} and {fresh.text!r}."
    )


@bypass
def test_a_fresh_answer_leaves_other_entries_alone(app: App, llm: FakeLLM) -> None:
    number_answers(llm)
    league, cup = f"Who leads the league? {llm.nonce}", f"Who holds the cup? {llm.nonce}"
    _, first = text(ask(app, league)), text(ask(app, cup))
    ask(app, league, fresh=True)
    again = text(ask(app, cup))
    assert again == first, (
        "We asked two questions, and then the first of them with `Cache-Control: no-cache`. "
        "After that the LLM was asked for the second again."
    )


# shared: a busy machine may cost an app its Redis for a moment, so one loss proves nothing


@shared
def test_two_processes_share_entries(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    one = fresh_app(CACHE_URL=redis_server.url)
    other = fresh_app(CACHE_URL=redis_server.url, anew=True)
    llm.behave(lambda call: Reply(text=f"\u2028 {call.number}.\r\n🐳 é"))
    for attempt in range(ATTEMPTS):
        before = len(llm.calls)
        first, second = (ask(each, f"Name a river. {attempt}") for each in (one, other))
        assert first.status == 200 and second.status == 200, (
            "Two processes of your app have the same CACHE_URL, a Redis. We asked one, then the "
            f"other. They answered {first.status} and {second.status}."
        )
        calls = len(llm.calls) - before
        if calls == 1:
            break
    assert calls == 1, (
        "Two processes of your app, each in a Python of its own, have the same CACHE_URL, a Redis. "
        f"We asked one, then the other the same question. The LLM heard {calls} calls: the second "
        "process did not find what the first had kept, or looked for it under another name."
    )
    assert second.json() == first.json(), (
        "Two processes of your app have the same CACHE_URL, a Redis. The first answered "
        f"{first.text!r}, the second, from the cache, {second.text!r}."
    )


@shared
def test_entries_outlive_a_restart(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    number_answers(llm)
    names = ("Oslo", "Rome", "Bern")
    before = fresh_app(CACHE_URL=redis_server.url)
    first = {text(ask(before, f"Where is {name}?")) for name in names}
    before.terminate()
    before.wait_for_exit()
    after = fresh_app(CACHE_URL=redis_server.url)
    second = {text(ask(after, f"Where is {name}?")) for name in names}
    assert first & second, (
        "We asked your app three questions, ended it, started it again with the same CACHE_URL, a "
        "Redis, and asked the same questions. The LLM was asked all of them again."
    )


@shared
def test_a_fresh_answer_is_seen_by_all_processes(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    number_answers(llm)
    one, other = (fresh_app(CACHE_URL=redis_server.url) for _ in range(2))
    for attempt in range(ATTEMPTS):
        query = f"Who leads the league? {attempt}"
        ask(one, query)
        fresh = text(ask(other, query, fresh=True))
        last = text(ask(one, query))
        if last == fresh:
            return
    raise AssertionError(
        "We asked one process, then another one of the same Redis with `Cache-Control: no-cache` "
        f"({fresh!r}), then the first one again. It answered {last!r}."
    )


@shared
def test_entries_in_redis_grow_old_too(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    number_answers(llm)
    app = fresh_app(CACHE_URL=redis_server.url, CACHE_TTL_SECONDS="0.5")
    first = text(ask(app, "Who leads the league?"))
    ask(app, "Who holds the cup?")
    fresh = text(ask(app, "Who holds the cup?", fresh=True))
    time.sleep(0.8)
    second, last = text(ask(app, "Who leads the league?")), text(ask(app, "Who holds the cup?"))
    assert second != first, (
        "With a Redis behind CACHE_URL and CACHE_TTL_SECONDS=0.5 we asked, waited for 0.8 seconds "
        f"and asked again. Your app answered {first!r} both times."
    )
    assert last != fresh, (
        "With a Redis behind CACHE_URL and CACHE_TTL_SECONDS=0.5 we asked, asked with "
        "`Cache-Control: no-cache`, waited for 0.8 seconds and asked once more. "
        f"Your app answered {fresh!r} the last two times."
    )


@shared
def test_a_use_makes_no_entry_in_redis_younger(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    number_answers(llm)
    app = fresh_app(CACHE_URL=redis_server.url, CACHE_TTL_SECONDS="1")
    for attempt in range(ATTEMPTS):
        query = f"Who leads the league? {attempt}"
        first = text(ask(app, query))
        time.sleep(0.65)
        used = text(ask(app, query))
        time.sleep(0.65)
        last = text(ask(app, query))
        assert last != first, (
            "With a Redis behind CACHE_URL and CACHE_TTL_SECONDS=1 we asked, asked again after "
            "0.65 seconds and once more after 1.3. "
            f"Your app answered {first!r}, {used!r} and {last!r}."
        )
        if used == first:
            return


@shared
def test_entries_in_redis_are_not_counted(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    number_answers(llm)
    app = fresh_app(CACHE_URL=redis_server.url, CACHE_MAX_ENTRIES="1")
    names = ("Oslo", "Rome", "Bern")
    for attempt in range(ATTEMPTS):
        first = [text(ask(app, f"Where is {name}? {attempt}")) for name in names]
        again = [text(ask(app, f"Where is {name}? {attempt}")) for name in names]
        if again == first:
            return
    raise AssertionError(
        "CACHE_MAX_ENTRIES is for the cache in memory. With a Redis behind CACHE_URL and "
        "CACHE_MAX_ENTRIES=1 we asked three questions twice. "
        f"Your app answered {first}, then {again}."
    )


@shared
def test_entries_in_redis_are_as_good_and_as_much_apart(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    app = fresh_app(CACHE_URL=redis_server.url)
    number_answers(llm)
    query = "Name our largest customer."
    got = [text(ask(app, query)), text(ask(app, query, "acme"))]
    got += [text(ask(app, query, model="tiny-1")), text(ask(app, query, temperature=0))]
    got += [text(ask(fresh_app(CACHE_URL=redis_server.url, LLM_MODEL="tiny-2"), query))]
    assert len(set(got)) == len(got), (
        "With a Redis behind CACHE_URL the same query came five times: plain, from the tenant "
        "acme, to another model, at another temperature, and plain to a process that has another "
        f"LLM_MODEL and the same Redis. The answers your app gave: {got}."
    )
    llm.always(Reply(text="The Rhine, the Loi", finish_reason="length"))
    ask(app, "Name the rivers of Europe.")
    llm.always(Reply(text="The Rhine, the Loire."))
    whole = text(ask(app, "Name the rivers of Europe."))
    assert whole == "The Rhine, the Loire.", (
        "With a Redis behind CACHE_URL the LLM's answer was cut off (`finish_reason` was "
        f"`length`). We asked again, and your app answered {whole!r}."
    )


@shared
def test_twenty_equal_questions_at_once_are_one_call_beside_redis(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    app = fresh_app(CACHE_URL=redis_server.url)
    for attempt in range(ATTEMPTS):
        before = len(llm.calls)
        twenty_at_once(app, llm, Reply(text="The Rhine.", gate=Gate()), f"Name a river. {attempt}")
        calls = len(llm.calls) - before
        if calls == 1:
            return
    raise AssertionError(
        "With a Redis behind CACHE_URL the same question came to one process twenty times before "
        f"the LLM had answered it once. The LLM heard it {calls} times."
    )


# degraded


def seconds(app: App, llm: FakeLLM, count: int = 1) -> float:
    """How long it takes until that many new questions, asked at once, are all answered."""
    began = time.monotonic()
    pending = [
        app.begin("POST", "/query", json={"query": f"Name river {next(NEW)}. {llm.nonce}"})
        for _ in range(count)
    ]
    for each in pending:
        each.result()
    return time.monotonic() - began


def assert_answered_without(
    what: str,
    lose: Callable[[], App],
    queries: list[str],
    memory: App,
    llm: FakeLLM,
    fresh: bool = False,
) -> None:
    """Once Redis is lost, each question is answered, past the cache and not much later.

    `lose` gives an app that is new to the loss; `memory` shows what an answer takes without it.
    """
    for _ in range(ATTEMPTS):  # a busy machine may be late once, a slow app is late each time
        app = lose()
        usual = seconds(memory, llm)
        waits = []
        for query in queries:
            began = time.monotonic()
            answer = ask(app, query, fresh=fresh)
            waits.append(time.monotonic() - began)
            assert answer.status == 200, (
                f"{what} The LLM is well, and your app answered {answer.status}."
            )
            said = answer.headers.get("X-Cache")
            assert said == "BYPASS", f"{what} Your app answered, and X-Cache was {said!r}."
        later = max(waits) - usual
        if later <= LATER + BUSY:
            return
    raise AssertionError(f"{what} One of the answers came {later:.1f} seconds later than usual.")


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses connections, and that nobody else can take meanwhile."""
    with socket.socket() as bound_but_not_listening:
        bound_but_not_listening.bind(("127.0.0.1", 0))
        yield bound_but_not_listening.getsockname()[1]


@degraded
def test_an_app_without_its_redis_starts_and_answers(
    fresh_app: FreshApp, app: App, llm: FakeLLM, closed_port: int
) -> None:
    assert_answered_without(
        "Nobody listened at CACHE_URL when we started your app.",
        lambda: fresh_app(CACHE_URL=f"redis://127.0.0.1:{closed_port}/0"),
        ["Name a river.", "Name a lake.", "Name a river."],
        app,
        llm,
    )


@degraded
def test_an_app_beside_a_silent_redis_starts_and_answers(
    fresh_app: FreshApp, app: App, redis_server: RedisServer, llm: FakeLLM
) -> None:
    redis_server.freeze()
    assert_answered_without(
        "The Redis behind CACHE_URL said nothing, from before we started your app.",
        lambda: fresh_app(CACHE_URL=redis_server.url),
        ["Name a river.", "Name a lake.", "Name a river."],
        app,
        llm,
    )


def used(fresh_app: FreshApp, redis_server: RedisServer) -> App:
    """An app that has used its Redis: what it answered has come from there."""
    redis_server.start()
    app = fresh_app(CACHE_URL=redis_server.url)
    text(ask(app, "Name a river."))
    # An app may answer first and keep then. One that never says HIT is waited for once.
    end = time.monotonic() + (0 if NEVER_HIT else 2)
    while ask(app, "Name a river.").headers.get("X-Cache") != "HIT":
        if time.monotonic() > end:
            NEVER_HIT.append(app)
            break
        time.sleep(0.02)
    return app


@degraded
def test_a_killed_redis_is_done_without(
    fresh_app: FreshApp, app: App, redis_server: RedisServer, llm: FakeLLM
) -> None:
    def lose() -> App:
        own = used(fresh_app, redis_server)
        redis_server.kill()
        return own

    queries = ["Name a river.", "Name a lake.", "Name a river."]
    what = "The Redis behind CACHE_URL was killed while your app ran."
    assert_answered_without(what, lose, queries, app, llm)


@degraded
def test_a_silent_redis_is_not_waited_for(
    fresh_app: FreshApp, app: App, redis_server: RedisServer, llm: FakeLLM
) -> None:
    def lose() -> App:
        own = used(fresh_app, redis_server)
        redis_server.freeze()
        return own

    queries = ["Name a river.", "Name a lake.", "Name a river."]
    what = "The Redis behind CACHE_URL fell silent while your app ran."
    assert_answered_without(what, lose, queries, app, llm)


@degraded
def test_a_fresh_answer_needs_no_redis(
    fresh_app: FreshApp, app: App, redis_server: RedisServer, llm: FakeLLM
) -> None:
    for happened, loss in (("was killed", redis_server.kill), ("fell silent", redis_server.freeze)):

        def lose(loss: Callable[[], None] = loss) -> App:
            own = used(fresh_app, redis_server)
            loss()
            return own

        what = (
            f"The Redis behind CACHE_URL {happened} while your app ran, and we asked with "
            "`Cache-Control: no-cache`."
        )
        assert_answered_without(what, lose, ["Name a river."], app, llm, fresh=True)


@degraded
def test_health_needs_no_redis(fresh_app: FreshApp, redis_server: RedisServer) -> None:
    redis_server.kill()
    health = fresh_app(CACHE_URL=redis_server.url).get("/health")
    assert health.status == 200, (
        "Nobody listened at CACHE_URL, without which your app can do. "
        f"GET /health says {health.status} and {health.text!r}."
    )


@degraded
def test_ten_who_find_redis_silent_wait_no_longer_than_one(
    fresh_app: FreshApp, app: App, redis_server: RedisServer, llm: FakeLLM
) -> None:
    for _ in range(ATTEMPTS):  # a busy machine may be late once, a slow app is late each time
        own = used(fresh_app, redis_server)
        redis_server.freeze()
        later = seconds(own, llm, 10) - seconds(app, llm, 10)
        if later <= LATER + BUSY:
            return
    raise AssertionError(
        "The Redis behind CACHE_URL fell silent, and ten different questions came at once. "
        f"The last answer came {later:.1f} seconds later than usual."
    )


@degraded
def test_an_answer_is_not_lost_with_the_redis_it_was_for(
    fresh_app: FreshApp, app: App, redis_server: RedisServer, llm: FakeLLM
) -> None:
    own = fresh_app(CACHE_URL=redis_server.url)
    for what, happens in (("fell silent", redis_server.freeze), ("was killed", redis_server.kill)):
        for attempt in range(ATTEMPTS):  # a busy machine may be late once, a slow app each time
            redis_server.start()
            gate = Gate()
            llm.always(Reply(text="The Rhine.", gate=gate))
            query = f"Name a river. {what} {attempt}"
            before = len(llm.calls)
            pending = own.begin("POST", "/query", json={"query": query})
            assert gate.wait_for_waiting(1, within=10), "We asked once. The LLM heard nothing."
            happens()
            began = time.monotonic()
            gate.open()
            answer = pending.result()
            calls = len(llm.calls) - before
            later = time.monotonic() - began - seconds(app, llm)
            assert answer.status == 200 and text(answer) == "The Rhine.", (
                f"The Redis behind CACHE_URL {what} while the LLM was writing 'The Rhine.' "
                f"Your app answered {answer.status} and {answer.text!r}."
            )
            assert calls == 1, (
                f"The Redis behind CACHE_URL {what} while the LLM was writing an answer. "
                f"The LLM heard the same question {calls} times, and we had asked it once."
            )
            if later <= LATER + BUSY:
                break
        assert later <= LATER + BUSY, (
            f"The Redis behind CACHE_URL {what} while the LLM was writing 'The Rhine.' "
            f"The answer came {later:.1f} seconds later than usual."
        )


def is_used_again(app: App, llm: FakeLLM, within: float = 10.0) -> bool:
    """Whether, some seconds after Redis is back, a question costs no call any more."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        before = len(llm.calls)
        text(ask(app, "Name a river."))
        if len(llm.calls) == before:
            return True
        time.sleep(0.2)
    return False


@degraded
def test_a_redis_that_is_back_is_used_again(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    app = used(fresh_app, redis_server)
    for what, goes, comes in (
        ("fell silent", redis_server.freeze, redis_server.thaw),
        ("was killed", redis_server.kill, redis_server.start),
    ):
        goes()
        for _ in range(3):
            text(ask(app, "Name a river."))
        comes()
        assert is_used_again(app, llm), (
            f"The Redis behind CACHE_URL {what} and came back, on the same port. We asked the same "
            "question again and again for ten seconds. The LLM heard it every time."
        )


@degraded
def test_a_redis_that_comes_later_is_used(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    redis_server.kill()
    app = fresh_app(CACHE_URL=redis_server.url)
    text(ask(app, "Name a river."))
    redis_server.start()
    assert is_used_again(app, llm), (
        "Nobody listened at CACHE_URL when we started your app. Then a Redis came, and we asked "
        "the same question again and again for ten seconds. The LLM heard it every time."
    )


@degraded
def test_what_a_silent_redis_says_late_answers_no_other_question(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    llm.behave(lambda call: Reply(text=call.body["messages"][-1]["content"]))
    app = fresh_app(CACHE_URL=redis_server.url)
    names = ("Bern", "Rome", "Oslo")
    for name in names:
        text(ask(app, f"Where is {name}?"))
    redis_server.freeze()
    text(ask(app, "Where is Oslo?"))
    redis_server.thaw()
    for name in names * 4:
        got = text(ask(app, f"Where is {name}?"))
        assert got == f"Where is {name}?", (
            "The LLM repeats what it is asked. The Redis behind CACHE_URL was silent while we "
            "asked 'Where is Oslo?', and came back. Then we asked "
            f"'Where is {name}?', and your app answered {got!r}."
        )
