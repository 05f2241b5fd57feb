"""Lesson auth: a bearer token says who asks, and a budget for each user says how often."""

import http.client
import json
import re
import socket
import time
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from course.fake_llm import FakeLLM, Gate, Reply, Usage
from course.grading.suite import App, FreshApp, NoAnswer, RedisServer, Response

# The app that tests share has room for all of them; a test of a limit starts an app of its own.
SETTINGS = {
    "API_KEYS": """{
        "ada-laptop": "ada", "ada-phone": "ada", "ben-laptop": "ben", "cleo-laptop": "cleo"
    }""",
    "RATE_LIMIT": "1000/minute",
    "AUTH_FAILURE_LIMIT": "1000/minute",
}
IMPORTS = ("redis.asyncio", "valkey.asyncio")  # limits imports both
ADA, ADAS_PHONE, BEN, CLEO = json.loads(SETTINGS["API_KEYS"])
BODY = {"query": "Name a river."}

bearer = pytest.mark.exercise(
    "bearer",
    look="ask-for-a-token",
    idea="What does your app do with what stands in the Authorization header?",
)
given = pytest.mark.exercise(
    "bearer",
    look="ask-for-a-token",
    idea="What lesson basic asks for is given here. Does it still hold behind the token?",
)
comparing = pytest.mark.exercise(
    "bearer",
    look="compare-bytes",
    idea="A header can hold any bytes. What can your comparison hold?",
)
fail_closed = pytest.mark.exercise(
    "fail-closed",
    look="no-keys-no-service",
    idea="API_KEYS names nobody. Who may come in, and what may the refusal tell?",
)
per_user = pytest.mark.exercise(
    "per-user",
    look="a-budget-for-each-user",
    idea="Which text does your limit count under, and who else has the same one?",
)
unlimited = pytest.mark.exercise(
    "per-user",
    look="limits-that-limit-nothing",
    idea="Is there a limit at all? slowapi says nothing when there is none.",
)
headers = pytest.mark.exercise(
    "headers",
    look="say-when-to-come-back",
    idea="A program reads your 429. What does it do next, and when?",
)
order = pytest.mark.exercise(
    "order",
    look="limit-the-guesses-too",
    idea="What has been counted, and against whom, by the time a request is refused?",
)
no_burst = pytest.mark.exercise(
    "no-burst",
    look="let-the-window-move",
    idea="When does a window begin, and what is forgotten when it ends?",
)
shared = pytest.mark.exercise(
    "shared",
    look="one-count-for-all-processes",
    idea="Where is the count kept, and what if that place is gone?",
)


def ask(app: App, token: str, **more_headers: str) -> Response:
    """One question with that token."""
    sent = {"Authorization": f"Bearer {token}", **more_headers}
    return app.post("/query", json=BODY, headers=sent)


def statuses(app: App, token: str, times: int) -> list[int]:
    """What that many questions with one token are answered with."""
    return [ask(app, token).status for _ in range(times)]


def written_by_anybody(n: int) -> dict[str, str]:
    """Headers that say who and where the n-th caller is, and prove nothing."""
    where = f"203.0.113.{n + 1}"
    return {
        "X-Forwarded-For": where,
        "X-Real-IP": where,
        "Forwarded": f"for={where}",
        "User-Agent": f"client/{n}",
    }


def status_from_elsewhere(app: App, token: str) -> int | None:
    """The answer to a question from another address; None on a machine that has no other."""
    here, elsewhere = ("127.0.0.1", int(app.url.rpartition(":")[2])), ("127.0.0.2", 0)
    line = http.client.HTTPConnection(*here, timeout=10, source_address=elsewhere)
    try:
        line.connect()
    except OSError:
        return None
    sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        line.request("POST", "/query", json.dumps(BODY), sent)
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        raise AssertionError(
            "We asked from another address. Your app broke off the connection, or said nothing."
        ) from None
    finally:
        line.close()


# bearer


def assert_unauthorized(response: Response, what: str) -> None:
    """401, and how to do better."""
    assert response.status == 401, (
        f"We asked with {what}. Your app answered {response.status}, not 401."
    )
    challenge = response.headers.get("WWW-Authenticate", "")
    assert re.match(r"bearer\b", challenge, re.IGNORECASE), (
        f"We asked with {what} and got 401. The header WWW-Authenticate should say which scheme "
        f"would do: Bearer. It says {challenge!r}."
    )


@bearer
def test_a_good_token_is_answered(app: App, llm: FakeLLM) -> None:
    response = ask(app, ADA)
    assert response.status == 200, f"A good token was answered with {response.status}."
    expected = llm.answer_to(BODY["query"])
    assert response.json().get("response") == expected, (
        f"The LLM said {expected!r}. Your app answered {response.text!r}."
    )


@bearer
def test_the_llm_is_told_for_whom_it_works(app: App, llm: FakeLLM) -> None:
    for token in (BEN, ADA, ADAS_PHONE, CLEO):
        ask(app, token)
    heard = [call.body.get("user") for call in llm.calls]
    assert heard == ["ben", "ada", "ada", "cleo"], (
        "We asked with a token of Ben's, two of Ada's and one of Cleo's. "
        f"The field `user` in the calls to the LLM was {heard}."
    )
    sent = {"Authorization": f"Bearer {ADA}"}
    app.post("/query", json={**BODY, "user": "ben"}, headers=sent)  # 422 is all right, too
    told = [call.body.get("user") for call in llm.calls[len(heard) :]]
    assert told in ([], ["ada"]), (
        "With a token of Ada's we sent a body whose `user` is ben. "
        f"The field `user` in the call to the LLM was {told[0]!r}."
    )


@bearer
def test_no_token_is_401(app: App, llm: FakeLLM) -> None:
    assert_unauthorized(app.post("/query", json=BODY), "no Authorization header")
    for name in ("token", "access_token", "api_key", "key"):
        response = app.post(f"/query?{name}={ADA}", json=BODY)
        assert_unauthorized(response, f"no Authorization header, and ?{name}= with a good token")
    assert not llm.requests, "That was refused, and yet the LLM was called."


@bearer
def test_another_scheme_is_401(app: App, llm: FakeLLM) -> None:
    basic = ("Basic YWRhOmFkYS1sYXB0b3A=", f"Basic {ADA}")
    for header in (*basic, f"Token {ADA}", f"Bearer{ADA}", ADA):
        response = app.post("/query", json=BODY, headers={"Authorization": header})
        assert_unauthorized(response, f"the header `Authorization: {header}`")
    assert not llm.requests, "All of that was refused, and yet the LLM was called."


@bearer
def test_a_wrong_token_is_401(app: App, llm: FakeLLM) -> None:
    for wrong in ("nobody-has-this", ADA[:-1], f"{ADA}s", ADA.upper(), "ada", llm.api_key):
        assert_unauthorized(ask(app, wrong), f"the token {wrong!r}, which nobody has")
    assert not llm.requests, "All of that was refused, and yet the LLM was called."


@bearer
def test_an_empty_token_is_401(app: App, llm: FakeLLM) -> None:
    response = app.post("/query", json=BODY, headers={"Authorization": "Bearer"})
    assert_unauthorized(response, "the header `Authorization: Bearer`, with no token in it")
    assert not llm.requests, "That was refused, and yet the LLM was called."


@given
def test_behind_the_token_all_is_as_in_lesson_basic(
    app: App, fresh_app: FreshApp, llm: FakeLLM
) -> None:
    sent = {"Authorization": f"Bearer {ADA}"}
    for query, what in (("", "an empty query"), ("x" * 8001, "a query of 8,001 characters")):
        status = app.post("/query", json={"query": query}, headers=sent).status
        assert status == 422, (
            f"With a good token we sent {what}. Your app answered {status}, not 422."
        )
    assert not llm.calls, "None of that was a valid question, and yet the LLM was asked."
    llm.script(Reply(text="The Rhine.", model="tiny-2-0613", usage=Usage(101, 23)))
    body = {**BODY, "model": "tiny-2", "temperature": 0.3}
    answer = app.post("/query", json=body, headers=sent).json()
    asked = {name: llm.calls[-1].body.get(name) for name in ("model", "temperature")}
    assert asked == {"model": "tiny-2", "temperature": 0.3}, (
        f"With a good token we asked tiny-2 at the temperature 0.3. The LLM heard {asked}."
    )
    assert answer == {"response": "The Rhine.", "model": "tiny-2-0613", "tokens_used": 124}, (
        "The LLM said 'The Rhine.', that tiny-2-0613 answered, and that it took 124 tokens. "
        f"Your app answered {answer}."
    )
    impatient = fresh_app(LLM_TIMEOUT_SECONDS="0.3")
    for asked_app, reply, status, what in (
        (app, Reply(status=500), 502, "The LLM answered 500."),
        (app, Reply(status=400), 502, "The LLM answered 400."),
        (app, Reply(status=429), 503, "The LLM answered 429."),
        (app, Reply(body=b"<html>Hello</html>"), 502, "The LLM answered 200 and no JSON."),
        (impatient, Reply(gate=Gate()), 504, "LLM_TIMEOUT_SECONDS was 0.3, the LLM was silent."),
    ):
        llm.always(reply)
        before = len(llm.calls)
        got = ask(asked_app, ADA).status
        assert got == status, f"{what} Your app answered {got}, not {status}."
        heard = len(llm.calls) - before
        assert heard <= 1, f"{what} For one question your app called it {heard} times."


@given
def test_model_and_temperature_have_their_defaults(fresh_app: FreshApp, llm: FakeLLM) -> None:
    sent = {"Authorization": f"Bearer {ADA}"}
    for model, app in (
        ("gpt-4", fresh_app(LLM_MODEL=None)),
        ("house-model", fresh_app(LLM_MODEL="house-model")),
    ):
        ask(app, ADA)
        app.post("/query", json={**BODY, "temperature": 0}, headers=sent)
        heard = [(call.body.get("model"), call.body.get("temperature")) for call in llm.calls[-2:]]
        assert heard == [(model, 0.7), (model, 0)], (
            f"With {model} as LLM_MODEL (gpt-4 when there is none) we asked twice and named no "
            f"model: without a temperature, so at 0.7, and at 0. The LLM heard {heard}."
        )


@given
def test_a_refused_connection_is_502_behind_the_token(fresh_app: FreshApp) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        app = fresh_app(LLM_BASE_URL=f"http://127.0.0.1:{nobody.getsockname()[1]}/v1")
        status = ask(app, ADA).status
    assert status == 502, f"The LLM was not there at all. Your app answered {status}, not 502."


@comparing
def test_a_token_that_is_not_ascii_is_401(app: App, llm: FakeLLM) -> None:
    for wrong in ("é", "🐳", f"{ADA}é"):
        assert_unauthorized(ask(app, wrong), f"the token {wrong!r}, which nobody has")
    assert not llm.requests, "All of that was refused, and yet the LLM was called."


# fail-closed


SECRET = "tk-4f9c2e81"
PARTS = [SECRET[n : n + 6] for n in range(len(SECRET) - 5)]  # half of it each


def assert_refuses_to_start(fresh_app: FreshApp, *settings: str | None) -> None:
    """With each of these API_KEYS the process ends by itself, with a reason that holds no token."""
    apps = [fresh_app(wait=False, API_KEYS=api_keys) for api_keys in settings]
    for api_keys, app in zip(settings, apps, strict=True):
        said = "without API_KEYS" if api_keys is None else f"with API_KEYS={api_keys!r}"
        try:
            served = app.get("/health").status
        except NoAnswer:
            served = 0
        assert not served, f"We started your app {said}. It serves: GET /health is {served}."
        code = app.wait_for_exit()
        assert code is not None, f"We started your app {said}. It neither serves nor ends."
        assert code != 0, (
            f"We started your app {said}. It ended with exit code 0, as if all were well."
        )
        assert prints(app, "api.?key"), (
            f"We started your app {said}. It ended, and what it printed does not name API_KEYS: "
            f"{app.output[-300:]!r}."
        )
        shown = next((part for part in PARTS if part in app.output), None)
        assert shown is None, (
            f"We started your app {said}. It ended and printed {shown!r}, which is of a token, "
            "and logs have many readers."
        )


def prints(app: App, pattern: str) -> bool:
    """Is it printed? The last words of a process that has ended may still be in the pipe."""
    deadline = time.monotonic() + 2
    while not (found := re.search(pattern, app.output, re.IGNORECASE)):
        if time.monotonic() > deadline:
            break
        time.sleep(0.01)
    return found is not None


@fail_closed
def test_without_api_keys_the_app_does_not_start(fresh_app: FreshApp) -> None:
    assert_refuses_to_start(fresh_app, None)


@fail_closed
def test_with_empty_api_keys_the_app_does_not_start(fresh_app: FreshApp) -> None:
    assert_refuses_to_start(fresh_app, "")


@fail_closed
def test_with_no_key_in_api_keys_the_app_does_not_start(fresh_app: FreshApp) -> None:
    assert_refuses_to_start(fresh_app, "{}")


@fail_closed
def test_with_api_keys_that_are_no_json_the_app_does_not_start(fresh_app: FreshApp) -> None:
    assert_refuses_to_start(fresh_app, f'{{"{SECRET}": "ada"', f"{SECRET}:ada")


@fail_closed
def test_with_api_keys_that_are_no_object_the_app_does_not_start(fresh_app: FreshApp) -> None:
    lists = (f'["{SECRET}"]', f'[["{SECRET}", "ada"]]')
    assert_refuses_to_start(fresh_app, *lists, f'"{SECRET}"', "null", "5")


# per-user


@unlimited
def test_the_call_after_the_limit_is_429(fresh_app: FreshApp, llm: FakeLLM) -> None:
    for limit, times in (("3/minute", 3), ("1/minute", 1), ("5/hour", 5)):
        got = statuses(fresh_app(RATE_LIMIT=limit), ADA, times + 2)
        assert got == [200] * times + [429, 429], (
            f"With RATE_LIMIT={limit} we asked {times + 2} times with one token. "
            f"Your app answered {got}."
        )


@unlimited
def test_the_limit_is_ten_a_minute_by_default(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT=None)
    got = statuses(app, ADA, 11)
    assert got == [200] * 10 + [429], (
        f"Without RATE_LIMIT (so 10/minute) we asked eleven times. Your app answered {got}."
    )
    assert_a_minute(ask(app, ADA), "RATE_LIMIT (so 10/minute)")


def assert_a_minute(refused: Response, unset: str) -> None:
    """Nobody has to wait for much longer than the window of a default."""
    said = refused.headers.get("Retry-After", "")
    seconds = number(said) or 0  # whether it is a number is exercise headers
    assert seconds <= 65, (
        f"Without {unset} a window is a minute long. Your 429 says `Retry-After: {said}`."
    )


@per_user
def test_another_user_has_another_budget(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="3/minute")
    statuses(app, ADA, 4)
    got = statuses(app, BEN, 3)
    assert got == [200, 200, 200], (
        "Ada had used up RATE_LIMIT=3/minute. Then Ben asked three times. "
        f"Your app answered him {got}."
    )


@per_user
def test_two_tokens_of_a_user_share_a_budget(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="3/minute")
    got = [ask(app, token).status for token in (ADA, ADAS_PHONE, ADA, ADAS_PHONE, ADA)]
    assert got == [200, 200, 200, 429, 429], (
        "With RATE_LIMIT=3/minute we asked five times, with one and the other of Ada's two tokens "
        f"in turn. Your app answered {got}."
    )


@per_user
def test_a_changing_forwarded_address_changes_nothing(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="3/minute")
    got = [ask(app, ADA, **written_by_anybody(n)).status for n in range(5)]
    assert got == [200, 200, 200, 429, 429], (
        "With RATE_LIMIT=3/minute we asked five times with one token, each time with another "
        f"{', '.join(written_by_anybody(0))}, which anybody can write. Your app answered {got}."
    )


@per_user
def test_what_is_asked_changes_nothing(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="3/minute")
    sent = {"Authorization": f"Bearer {ADA}"}
    bodies: list[dict[str, str]] = [
        BODY,
        {"query": "Name a lake. " * 500, "model": "small-1"},
        {"query": "Name a sea."},
        {"query": "Name a pond.", "model": "small-2"},
        {"query": "Name a brook."},
    ]
    got = [app.post("/query", json=body, headers=sent).status for body in bodies]
    assert got == [200, 200, 200, 429, 429], (
        "With RATE_LIMIT=3/minute we asked five times with one token: five questions, the second "
        f"a long one, of three models. Your app answered {got}."
    )


@per_user
def test_a_budget_follows_its_user_to_another_address(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="3/minute")
    statuses(app, ADA, 3)
    got = status_from_elsewhere(app, ADA)
    assert got in (429, None), (
        "Ada had used up RATE_LIMIT=3/minute, went to another address and asked again. "
        f"Your app answered {got}, not 429."
    )


# headers


def retry_after(response: Response) -> int:
    """The seconds a 429 asks for."""
    assert response.status == 429, (
        f"The limit was used up. The next call was answered with {response.status}, not 429."
    )
    said = response.headers.get("Retry-After")
    assert said is not None, "A 429 says when to come back. Yours has no Retry-After."
    assert re.fullmatch("[0-9]+", said) and int(said) >= 1, (
        f"Retry-After is a whole number of seconds, at least 1. Yours is {said!r}."
    )
    return int(said)


@headers
def test_a_429_says_when_to_come_back(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="3/minute", AUTH_FAILURE_LIMIT="3/minute")
    for answer in [ask(app, ADA) for _ in range(4)][3:]:
        retry_after(answer)
    for answer in [ask(app, f"guess-{n}") for n in range(4)]:
        if answer.status == 429:
            retry_after(answer)


def first_refusal(app: App, token: str) -> Response:
    """The first 429 that a token gets; its last answer when there is none."""
    answer = ask(app, token)
    for _ in range(19):
        if answer.status == 429:
            break
        answer = ask(app, token)
    return answer


LONGEST_WAIT = 3  # seconds: a window of one second is over by then, whatever a 429 says


@headers
def test_coming_back_then_works(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="2/hour", AUTH_FAILURE_LIMIT="2/hour")
    begun = time.monotonic()
    seconds = retry_after(first_refusal(app, ADA))
    # Nobody may be let in before the first call is an hour old: that needs no waiting.
    assert seconds >= 3600 - (time.monotonic() - begun) - 5, (
        "With RATE_LIMIT=2/hour we asked until we were refused. The 429 said "
        f"`Retry-After: {seconds}`. Who comes back then is refused again, or is let in for a third "
        "time within the hour."
    )
    refused = first_refusal(app, "guess")
    if refused.status == 429 and (seconds := retry_after(refused)) <= LONGEST_WAIT:
        time.sleep(seconds + 0.02)
        assert_a_guess_is_401(app, "2/hour", seconds, waited=seconds)

    app = fresh_app(RATE_LIMIT="1/second", AUTH_FAILURE_LIMIT="1/second")
    refused = first_refusal(app, "guess")  # guesses without a limit are another exercise's
    guessers = retry_after(refused) if refused.status == 429 else 0
    users = retry_after(first_refusal(app, ADA))
    waited = min(max(users, guessers), LONGEST_WAIT)
    time.sleep(waited + 0.02)
    got = ask(app, ADA).status
    assert got == 200, (
        f"With RATE_LIMIT=1/second a 429 said `Retry-After: {users}`. We waited {waited} s "
        f"and asked again. Your app answered {got}."
    )
    if guessers:
        assert_a_guess_is_401(app, "1/second", guessers, waited)


def assert_a_guess_is_401(app: App, limit: str, seconds: int, waited: int) -> None:
    """Who guessed too often may guess again."""
    got = ask(app, "guess").status
    assert got == 401, (
        f"With AUTH_FAILURE_LIMIT={limit} we sent wrong tokens until a 429 said "
        f"`Retry-After: {seconds}`. We waited {waited} s and sent one more. "
        f"Your app answered {got}, not 401."
    )


@headers
def test_answers_say_what_is_left(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="3/minute")
    for status, left in ((200, 2), (200, 1), (200, 0), (429, 0)):
        response = ask(app, ADA)
        names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
        said = {name: response.headers.get(name) for name in names}
        numbers = [number(text) for text in said.values()]
        assert numbers[:2] == [3, left] and numbers[2] is not None, (
            f"With RATE_LIMIT=3/minute, a {status} after which {left} calls are left should carry "
            f"the limit 3, {left} remaining, and a number for the reset. Yours has {said}."
        )


def number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


@headers
def test_a_busy_llm_is_not_the_callers_fault(app: App, llm: FakeLLM) -> None:
    llm.always(Reply(status=429, retry_after=7))
    response = ask(app, ADA)
    got = (response.status, response.headers.get("Retry-After"))
    assert got == (503, "7"), (
        "The LLM answered 429 with `Retry-After: 7`: it is your app that asks too much, not its "
        f"caller. Your app answered {got[0]} with Retry-After {got[1]!r}, not 503 with 7."
    )


# order


def guess(app: App, times: int, hidden: bool = False) -> list[int]:
    """What that many wrong tokens get, each another one, maybe each as if from somebody else."""
    more = [written_by_anybody(n) if hidden else {} for n in range(times)]
    return [ask(app, f"guess-{n}", **more[n]).status for n in range(times)]


@order
def test_a_refused_call_costs_nothing(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="3/minute", AUTH_FAILURE_LIMIT="3/minute")
    got = guess(app, 5) + statuses(app, ADA, 6)
    assert len(llm.calls) == got.count(200), (
        "We sent five wrong tokens and asked six times with a good one, which has 3/minute. "
        f"{got.count(200)} calls were answered with 200; the LLM was called {len(llm.calls)} times."
    )


@order
def test_bad_tokens_are_limited(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(AUTH_FAILURE_LIMIT="3/minute")
    got = [*guess(app, 2), ask(app, "é").status, ask(app, ADA).status, *guess(app, 2)]
    assert got == [401, 401, 401, 200, 429, 429], (
        "With AUTH_FAILURE_LIMIT=3/minute we sent three wrong tokens (the third is no ASCII), a "
        f"good one and two wrong ones, all from one address. Your app answered {got}."
    )


@order
def test_the_limit_of_bad_tokens_is_twenty_a_minute_by_default(fresh_app: FreshApp) -> None:
    app = fresh_app(AUTH_FAILURE_LIMIT=None)
    got = guess(app, 21)
    assert got == [401] * 20 + [429], (
        "Without AUTH_FAILURE_LIMIT (so 20/minute) we sent 21 wrong tokens from one address. "
        f"Your app answered {got}."
    )
    assert_a_minute(ask(app, "guess"), "AUTH_FAILURE_LIMIT (so 20/minute)")


@order
def test_a_forwarded_address_does_not_hide_who_guesses(fresh_app: FreshApp) -> None:
    got = guess(fresh_app(AUTH_FAILURE_LIMIT="3/minute"), 5, hidden=True)
    assert got == [401, 401, 401, 429, 429], (
        "With AUTH_FAILURE_LIMIT=3/minute we sent five wrong tokens from one address, each with "
        f"another {', '.join(written_by_anybody(0))}, which anybody can write. "
        f"Your app answered {got}."
    )


@order
def test_another_address_has_guesses_of_its_own(fresh_app: FreshApp) -> None:
    app = fresh_app(AUTH_FAILURE_LIMIT="3/minute")
    guess(app, 5)
    got = status_from_elsewhere(app, "guess-from-elsewhere")
    assert got in (401, None), (
        "One address had used up AUTH_FAILURE_LIMIT. Then a wrong token came from another address, "
        f"the first from there. Your app answered {got}, not 401."
    )


@order
def test_a_good_token_is_served_where_others_guess(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(AUTH_FAILURE_LIMIT="3/minute")
    guess(app, 5)
    got = ask(app, ADA).status
    assert got == 200, (
        "Somebody had used up AUTH_FAILURE_LIMIT with wrong tokens. Then a good token came from "
        f"the same address, as from one office. Your app answered {got}, not 200."
    )


@order
def test_bad_tokens_use_up_nobodys_budget(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="3/minute")
    guess(app, 5)
    got = statuses(app, ADA, 3)
    assert got == [200, 200, 200], (
        "We sent five wrong tokens, then asked three times with a good one, which has 3/minute. "
        f"Your app answered {got}."
    )


@order
def test_good_tokens_are_no_guesses(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="3/minute", AUTH_FAILURE_LIMIT="3/minute")
    statuses(app, ADA, 5)
    got = guess(app, 1)
    assert got == [401], (
        "With AUTH_FAILURE_LIMIT=3/minute we asked five times with a good token, then sent a "
        f"wrong one, the first. Your app answered {got[0]}, not 401."
    )


def health_statuses(app: App, times: int) -> list[int]:
    """GET /health that often, over one connection, which costs a tenth of as many connections."""
    line = http.client.HTTPConnection("127.0.0.1", int(app.url.rpartition(":")[2]), timeout=10)
    got: list[int] = []
    try:
        while len(got) < times:
            line.request("GET", "/health")
            answer = line.getresponse()
            answer.read()
            got.append(answer.status)
    except (OSError, http.client.HTTPException):
        raise AssertionError(
            f"We asked for GET /health again and again. After {len(got) + 1} answers your app "
            "broke off the connection, or said nothing."
        ) from None
    finally:
        line.close()
    return got


@order
def test_health_is_open_and_unlimited(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="1/minute", AUTH_FAILURE_LIMIT="1/minute")
    guess(app, 3)
    heard = len(llm.requests)
    wrong = app.get("/health", headers={"Authorization": "Bearer nobody-has-this"}).status
    assert wrong == 200, f"We sent GET /health with a wrong token. Your app answered {wrong}."
    got = [app.get("/health").status, *health_statuses(app, 299)]
    assert got == [200] * 300, (
        "GET /health needs no token and has no limit. We asked 300 times. It was 200 "
        f"{got.count(200)} times, else {sorted(set(got) - {200})}."
    )
    assert len(llm.requests) == heard, "A health check costs nothing. Yours called the LLM."


# no-burst


class Asked(NamedTuple):
    """One question, by the clock of the client."""

    sent: float
    received: float
    status: int


def asked(app: App, token: str) -> Asked:
    sent = time.monotonic()
    status = ask(app, token).status
    return Asked(sent, time.monotonic(), status)


def assert_no_burst(calls: Sequence[Asked], limit: int, what: str) -> None:
    """No `limit` + 1 answered calls lie within a second, from the first sent to the last received.

    The app counted them somewhere in between, so that a slow machine can only hide a burst.
    """
    answered = [call for call in calls if call.status == 200]
    for first, last in zip(answered, answered[limit:], strict=False):
        seconds = last.received - first.sent
        assert seconds > 0.98, (
            f"With RATE_LIMIT={limit}/second {what}. Your app answered {limit + 1} calls within "
            f"{seconds:.2f} seconds."
        )


@no_burst
def test_calls_under_way_count(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="3/minute")
    gate = Gate()
    llm.always(Reply(gate=gate))
    sent = {"Authorization": f"Bearer {ADA}"}
    calls = [app.begin("POST", "/query", json=BODY, headers=sent) for _ in range(4)]
    deadline = time.monotonic() + 5
    while len(llm.calls) + sum(call.finished for call in calls) < 4:
        assert time.monotonic() < deadline, "We asked four times at once. Your app does nothing."
        time.sleep(0.005)
    gate.open()
    got = sorted(call.result().status for call in calls)
    assert got == [200, 200, 200, 429], (
        "With RATE_LIMIT=3/minute we asked four times at once, and the LLM kept all answers back "
        f"until the fourth had arrived. Your app answered {got}."
    )


@no_burst
def test_a_client_that_never_stops_gets_no_more_than_the_limit(
    fresh_app: FreshApp, llm: FakeLLM
) -> None:
    app = fresh_app(RATE_LIMIT="3/second")
    wait_for_the_clock(0.4, 0.3)  # so that a window by the clock ends meanwhile
    calls = [asked(app, ADA)]
    while calls[-1].received - calls[0].sent < 0.8:
        time.sleep(0.015)
        calls.append(asked(app, ADA))
    assert_no_burst(calls, 3, "we asked again and again")


def wait_for_the_clock(since: float, length: float) -> None:
    """Wait until the second on the clock is `since` old, or at most `length` older."""
    ahead = (since - time.time()) % 1
    if ahead < 1 - length:
        time.sleep(ahead)


def assert_no_burst_at_the_edge(app: App, where: str = "") -> None:
    """Three calls a second, also where a window ends, by the clock or from its first call."""
    for token in (ADA, BEN, CLEO):  # again when the machine was too slow to prove anything
        wait_for_the_clock(0.95, 0.25)
        edge = 1.05 - (time.time() + 0.05) % 1  # windows by the clock end then, after the late ones
        first = asked(app, token)
        time.sleep(max(0, first.sent + 0.6 - time.monotonic()))
        late = [asked(app, token) for _ in range(2)]
        time.sleep(max(0, first.received + 1.1 - time.monotonic()))
        after = [asked(app, token) for _ in range(3)]
        what = f"{where}we asked at 0.0 seconds, twice at 0.6, and three times at 1.1"
        assert_no_burst([first, *late, *after], 3, what)
        in_time = late[-1].received < first.sent + min(0.97, edge)
        if in_time and after[-1].received < late[0].sent + 0.97:
            return


@no_burst
def test_the_edge_of_a_window_is_no_way_around_the_limit(fresh_app: FreshApp, llm: FakeLLM) -> None:
    assert_no_burst_at_the_edge(fresh_app(RATE_LIMIT="3/second"))


# shared


@shared
def test_two_processes_share_one_budget(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    settings = {"RATE_LIMIT_STORAGE": redis_server.url, "RATE_LIMIT": "4/minute"}
    apps = [fresh_app(**settings) for _ in range(2)]
    tokens = (ADA, ADA, ADAS_PHONE, ADAS_PHONE, ADA, ADA, BEN, BEN)
    got = [ask(apps[n % 2], token).status for n, token in enumerate(tokens)]
    assert got == [200, 200, 200, 200, 429, 429, 200, 200], (
        "Two processes of your app had the same RATE_LIMIT_STORAGE, a Redis, and 4/minute. We "
        "asked one and the other in turn, six times with Ada's two tokens, then twice with Ben's. "
        f"They answered {got}."
    )


@shared
def test_a_window_that_is_shared_has_no_edge_either(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    app = fresh_app(RATE_LIMIT_STORAGE=redis_server.url, RATE_LIMIT="3/second")
    assert_no_burst_at_the_edge(app, where="and a Redis as RATE_LIMIT_STORAGE ")


@shared
def test_a_lost_redis_is_no_failure(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    app = fresh_app(RATE_LIMIT_STORAGE=redis_server.url, RATE_LIMIT="3/minute")
    ask(app, ADA)
    redis_server.kill()
    got = statuses(app, BEN, 5)
    assert got == [200, 200, 200, 429, 429], (
        "The Redis behind RATE_LIMIT_STORAGE went away. We then asked five times with one token, "
        f"with RATE_LIMIT=3/minute, which your app can count by itself. It answered {got}."
    )


@shared
def test_without_redis_each_user_still_has_a_budget(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    app = fresh_app(RATE_LIMIT_STORAGE=redis_server.url, RATE_LIMIT="3/minute")
    ask(app, ADA)
    redis_server.kill()
    statuses(app, BEN, 5)
    got = statuses(app, CLEO, 3)
    assert got == [200, 200, 200], (
        "The Redis behind RATE_LIMIT_STORAGE went away. Ben asked five times, RATE_LIMIT is "
        f"3/minute. Then Cleo asked three times. Your app answered her {got}."
    )


@shared
def test_a_bad_token_is_refused_without_redis(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    app = fresh_app(RATE_LIMIT_STORAGE=redis_server.url, AUTH_FAILURE_LIMIT="3/minute")
    ask(app, ADA)
    redis_server.kill()
    got = guess(app, 5)
    assert got == [401, 401, 401, 429, 429], (
        "The Redis behind RATE_LIMIT_STORAGE went away. We then sent five wrong tokens, with "
        f"AUTH_FAILURE_LIMIT=3/minute. Your app answered {got}."
    )
