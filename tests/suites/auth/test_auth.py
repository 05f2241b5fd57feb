"""Lesson auth: a bearer token says who asks, and a budget for each user says how often."""

import http.client
import json
import re
import time
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from course.fake_llm import FakeLLM, Gate, Reply
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


@bearer
def test_no_token_is_401(app: App, llm: FakeLLM) -> None:
    assert_unauthorized(app.post("/query", json=BODY), "no Authorization header")
    assert not llm.requests, "That was refused, and yet the LLM was called."


@bearer
def test_another_scheme_is_401(app: App, llm: FakeLLM) -> None:
    for header in ("Basic YWRhOmFkYS1sYXB0b3A=", f"Basic {ADA}", f"Token {ADA}", ADA):
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


@comparing
def test_a_token_that_is_not_ascii_is_401(app: App, llm: FakeLLM) -> None:
    for wrong in ("é", "🐳", f"{ADA}é"):
        assert_unauthorized(ask(app, wrong), f"the token {wrong!r}, which nobody has")
    assert not llm.requests, "All of that was refused, and yet the LLM was called."


# fail-closed


def assert_refuses_to_start(fresh_app: FreshApp, api_keys: str | None, secret: str = "") -> None:
    """The process ends by itself, with a reason that holds no token."""
    said = "without API_KEYS" if api_keys is None else f"with API_KEYS={api_keys!r}"
    app = fresh_app(wait=False, API_KEYS=api_keys)
    try:
        served = app.get("/health").status
    except NoAnswer:
        served = 0
    assert not served, f"We started your app {said}. It serves: GET /health is {served}."
    code = app.wait_for_exit()
    assert code is not None, f"We started your app {said}. It neither serves nor ends."
    assert code != 0, f"We started your app {said}. It ended with exit code 0, as if all were well."
    assert prints(app, "api.?key"), (
        f"We started your app {said}. It ended, and what it printed does not name API_KEYS: "
        f"{app.output[-300:]!r}."
    )
    assert not secret or secret not in app.output, (
        f"We started your app {said}. It ended and printed the token {secret!r}, "
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
    secret = "tk-4f9c2e81"
    for broken in (f'{{"{secret}": "ada"', f"{secret}:ada"):
        assert_refuses_to_start(fresh_app, broken, secret)


@fail_closed
def test_with_api_keys_that_are_no_object_the_app_does_not_start(fresh_app: FreshApp) -> None:
    secret = "tk-4f9c2e81"
    for wrong in (f'["{secret}"]', f'"{secret}"'):
        assert_refuses_to_start(fresh_app, wrong, secret)


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
    got = statuses(fresh_app(RATE_LIMIT=None), ADA, 11)
    assert got == [200] * 10 + [429], (
        f"Without RATE_LIMIT (so 10/minute) we asked eleven times. Your app answered {got}."
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
    got = [ask(app, ADA, **{"X-Forwarded-For": f"203.0.113.{n}"}).status for n in range(1, 6)]
    assert got == [200, 200, 200, 429, 429], (
        "With RATE_LIMIT=3/minute we asked five times with one token, each time with another "
        f"X-Forwarded-For, which anybody can write. Your app answered {got}."
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


@headers
def test_coming_back_then_works(fresh_app: FreshApp, llm: FakeLLM) -> None:
    for limit, longest in (("1/second", 3), ("10/minute", 10)):
        app = fresh_app(RATE_LIMIT=limit)
        answers = [ask(app, ADA)]
        while answers[-1].status == 200 and len(answers) < 20:
            answers.append(ask(app, ADA))
        seconds = retry_after(answers[-1])
        if seconds > longest:
            continue  # a right app asks for about a minute after 10/minute: that is not waited for
        time.sleep(seconds + 0.02)
        got = ask(app, ADA).status
        assert got == 200, (
            f"With RATE_LIMIT={limit} a 429 said `Retry-After: {seconds}`. We waited that long "
            f"and asked again. Your app answered {got}."
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


def guess(app: App, times: int, forwarded: bool = False) -> list[int]:
    """What that many wrong tokens get, each another one, maybe with another X-Forwarded-For."""
    more = [{"X-Forwarded-For": f"203.0.113.{n}"} if forwarded else {} for n in range(times)]
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
    got = guess(fresh_app(AUTH_FAILURE_LIMIT="3/minute"), 5)
    assert got == [401, 401, 401, 429, 429], (
        "With AUTH_FAILURE_LIMIT=3/minute we sent five wrong tokens from one address. "
        f"Your app answered {got}."
    )


@order
def test_the_limit_of_bad_tokens_is_twenty_a_minute_by_default(fresh_app: FreshApp) -> None:
    got = guess(fresh_app(AUTH_FAILURE_LIMIT=None), 21)
    assert got == [401] * 20 + [429], (
        "Without AUTH_FAILURE_LIMIT (so 20/minute) we sent 21 wrong tokens from one address. "
        f"Your app answered {got}."
    )


@order
def test_a_forwarded_address_does_not_hide_who_guesses(fresh_app: FreshApp) -> None:
    got = guess(fresh_app(AUTH_FAILURE_LIMIT="3/minute"), 5, forwarded=True)
    assert got == [401, 401, 401, 429, 429], (
        "With AUTH_FAILURE_LIMIT=3/minute we sent five wrong tokens from one address, each with "
        f"another X-Forwarded-For, which anybody can write. Your app answered {got}."
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


@order
def test_health_is_open_and_unlimited(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="1/minute", AUTH_FAILURE_LIMIT="1/minute")
    guess(app, 3)
    heard = len(llm.requests)
    got = [app.get("/health").status for _ in range(40)]
    assert got == [200] * 40, (
        "GET /health needs no token and has no limit. We asked 40 times. It was 200 "
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
    time.sleep((1.5 - time.time() % 1) % 1)  # so that a window by the clock ends meanwhile
    calls = [asked(app, ADA)]
    while calls[-1].received - calls[0].sent < 0.8:
        calls.append(asked(app, ADA))
    assert_no_burst(calls, 3, "we asked without a pause")


@no_burst
def test_the_edge_of_a_window_is_no_way_around_the_limit(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(RATE_LIMIT="3/second")
    for token in (ADA, BEN, CLEO):  # again when the machine was too slow to prove anything
        time.sleep(1.03 - time.time() % 1)  # so that windows by the clock end there, too
        first = asked(app, token)
        time.sleep(max(0, first.sent + 0.6 - time.monotonic()))
        late = [asked(app, token) for _ in range(2)]
        time.sleep(max(0, first.received + 1.1 - time.monotonic()))
        after = [asked(app, token) for _ in range(3)]
        what = (
            "we asked once, twice late in the second after it, and three times when that was over"
        )
        assert_no_burst([first, *late, *after], 3, what)
        if late[-1].received < first.sent + 0.97 and after[-1].received < late[0].sent + 0.97:
            return


# shared


@shared
def test_two_processes_share_one_budget(
    fresh_app: FreshApp, redis_server: RedisServer, llm: FakeLLM
) -> None:
    settings = {"RATE_LIMIT_STORAGE": redis_server.url, "RATE_LIMIT": "4/minute"}
    apps = [fresh_app(**settings) for _ in range(2)]
    got = [ask(apps[n % 2], ADA).status for n in range(6)]
    assert got == [200, 200, 200, 200, 429, 429], (
        "Two processes of your app had the same RATE_LIMIT_STORAGE, a Redis, and 4/minute. We "
        f"asked one and the other in turn, six times with one token. They answered {got}."
    )


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
