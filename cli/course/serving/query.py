"""`course query`: send a question once or many times, and watch what comes back."""

import asyncio
import json
import re
import signal
import sys
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from course.grading.sse import EventParser
from course.serving import Refused
from course.serving.answers import Answer, Event, figures, parsed
from course.workspace import as_typed

if TYPE_CHECKING:
    import httpx

    from course.reporting.querying import Watcher

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 120.0
BODY_BYTES = 16 << 20
LOOPBACK = ("127.0.0.1", "localhost", "::1")
STOPPED = 130  # what shells call Ctrl-C
INTERRUPTED = "Stopped by Ctrl-C."
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True)
class Asked:
    """What the options of `course query` say."""

    url: str
    text: str | None = None
    stream: bool = False
    batch: str | None = None
    token: str | None = None
    tenant: str | None = None
    field: str = "query"
    headers: tuple[str, ...] = ()
    """`Name: value`."""
    repeat: int | None = None
    """None: as often as `concurrency` says."""
    concurrency: int = 1


@dataclass(frozen=True)
class Question:
    """A POST request, ready to be sent again and again."""

    url: str
    content: bytes
    headers: Mapping[bytes, bytes]


class NoServer(Exception):
    """Nothing answers at the address."""


class NobodyReads(Exception):
    """What would read our output has gone, as after `| head`."""


def run_query(asked: Asked, as_json: bool = False) -> int:
    """Ask and show; 0 when every answer is whole and 2xx, else 1, and 130 after Ctrl-C."""
    question = question_of(asked)
    times = asked.repeat or asked.concurrency
    answers: list[Answer] = []
    started = time.perf_counter()
    with watcher_for(times, as_json) as watch:
        try:
            stopped = ended_by_ctrl_c(ask_all(question, times, asked.concurrency, answers, watch))
        except NoServer:
            print(f"course: {no_server(asked.url)}", file=sys.stderr)
            return 1
        except NobodyReads:
            raise BrokenPipeError from None
        ended = [answer for answer in answers if answer.problem != INTERRUPTED]
        summed = figures(ended, time.perf_counter() - started)
        watch.finish(summed, stopped)
    if as_json:
        told = [answer.as_json() for answer in answers]
        report = {"version": 1, "url": question.url, "answers": told, "summary": summed.as_json()}
        print(json.dumps(report, indent=1))
    if stopped:
        return STOPPED
    return 0 if all(answer.good for answer in answers) else 1


def watcher_for(times: int, as_json: bool) -> "Watcher":
    from course.reporting.page import make_console
    from course.reporting.querying import ManyAnswers, OneAnswer, Watcher

    if as_json:
        return Watcher()
    console = make_console()
    return OneAnswer(console) if times == 1 else ManyAnswers(console, times)


def no_server(url: str) -> str:
    parts = urlsplit(url)
    return (
        f"nothing answers at {parts.scheme}://{parts.netloc}; "
        f"start an app with: {as_typed('serve basic')}"
    )


def question_of(asked: Asked) -> Question:
    """The request that was asked for; `Refused` when it makes none."""
    parts = urlsplit(asked.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(f"--url is a URL such as http://127.0.0.1:8000, not {asked.url!r}.")
    if asked.batch is not None and (asked.text is not None or asked.stream):
        raise Refused("--batch goes with neither a text nor --stream.")
    if asked.batch is None and asked.text is None:
        raise Refused(f'ask something: {as_typed("query")} "Why is the sky blue?"')
    headers = {b"content-type": b"application/json", b"accept": b"application/json"}
    if asked.stream:
        headers[b"accept"] = b"text/event-stream, application/json"
    if asked.token is not None:
        headers[b"authorization"] = b"Bearer " + header_value("--token", asked.token)
    if asked.tenant is not None:
        headers[b"x-tenant-id"] = header_value("--tenant", asked.tenant)
    for header in asked.headers:
        name, colon, value = header.partition(":")
        if not colon or not HEADER_NAME.fullmatch(name):
            raise Refused(
                f'--header is a name and a value, such as "X-Request-ID: 7", not {header!r}.'
            )
        headers[name.lower().encode()] = header_value("--header", value.strip())
    path = "/stream" if asked.stream else "/query" if asked.batch is None else "/batch-query"
    body: Any = {asked.field: asked.text} if asked.batch is None else questions_in(asked.batch)
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Question(asked.url.rstrip("/") + path, content, headers)


def header_value(option: str, text: str) -> bytes:
    """The bytes of a header; what a header cannot hold is refused."""
    if any(character in text for character in "\r\n\0"):
        raise Refused(f"{option} must be one line.")
    return text.encode("utf-8", "surrogateescape")


def questions_in(source: str) -> list[Any]:
    """A file (or `-`, standard input) as a JSON array, or as one question a line."""
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as problem:
        raise Refused(f"{source} cannot be read ({problem.strerror}).") from None
    except UnicodeDecodeError:
        raise Refused(f"{source} is not UTF-8 text.") from None
    found = parsed(text)
    if isinstance(found, list):
        return found
    return [line.strip() for line in text.splitlines() if line.strip()]


def ended_by_ctrl_c(work: Coroutine[Any, Any, None]) -> bool:
    """Do the work; true when Ctrl-C ended it.

    `asyncio.run` alone misses a Ctrl-C in the instant before its loop goes to sleep, until
    something else wakes the loop. A handler of the loop's own wakes it.
    """

    async def cancelled_by_ctrl_c() -> None:
        task = asyncio.current_task()
        assert task is not None
        with suppress(NotImplementedError):  # Windows, where the loop wakes by itself
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
        await work

    try:
        asyncio.run(cancelled_by_ctrl_c())
    except (KeyboardInterrupt, asyncio.CancelledError):
        return True
    return False


async def ask_all(
    question: Question, times: int, concurrency: int, answers: list[Answer], watch: "Watcher"
) -> None:
    """Send it `times` times, `concurrency` of them at once; answers are added as they end."""
    import httpx

    host = urlsplit(question.url).hostname
    numbers = iter(range(1, times + 1))
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(
        timeout=httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
        limits=limits,
        trust_env=host not in LOOPBACK,
        verify=question.url.startswith("https:"),  # reading the certificates takes a while
    ) as client:

        async def go_on_asking() -> None:
            for number in numbers:
                answer = Answer(number)
                try:
                    await ask(client, question, answer, watch)
                except httpx.ConnectError:
                    if all(other.status is None for other in answers):
                        raise NoServer from None
                    answer.problem = "Nothing answers any more: the connection was refused."
                except asyncio.CancelledError:
                    answer.problem = INTERRUPTED
                    answers.append(answer)
                    raise
                answers.append(answer)
                watch.end(answer)

        async def until_nobody_reads() -> None:
            try:
                await go_on_asking()
            except (BrokenPipeError, SystemExit):  # rich makes the one into the other
                raise NobodyReads from None

        await together([until_nobody_reads() for _ in range(min(concurrency, times))])


async def together(jobs: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run them at once; the first that fails ends the others, and its error is raised as it is."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def ask(
    client: "httpx.AsyncClient", question: Question, answer: Answer, watch: "Watcher"
) -> None:
    """Send it once and fill in the answer; only a refused connection is raised."""
    import httpx

    started = time.perf_counter()
    try:
        async with client.stream(
            "POST", question.url, content=question.content, headers=question.headers
        ) as response:
            answer.status = response.status_code
            answer.headers = dict(response.headers)
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            answer.streamed = kind == "text/event-stream"
            watch.begin(answer)
            body = bytearray()
            parser = EventParser()
            async for chunk in response.aiter_bytes():
                if answer.streamed:
                    for event in parser.feed(chunk):
                        take(Event(event.event, parsed(event.data)), answer, watch, started)
                    continue
                body += chunk
                if len(body) > BODY_BYTES:
                    answer.problem = f"The answer is longer than {BODY_BYTES >> 20} MB."
                    break
            if not answer.streamed:
                answer.body = parsed(body.decode("utf-8", "backslashreplace"))
    except httpx.ConnectError:
        raise
    except httpx.TimeoutException:
        answer.problem = f"Nothing came for {SILENCE_SECONDS:g} seconds."
    except httpx.TransportError as problem:
        answer.problem = f"The connection ended before the answer did ({problem})."
    finally:
        answer.total_seconds = time.perf_counter() - started


def take(event: Event, answer: Answer, watch: "Watcher", started: float) -> None:
    """One event of a stream: text to show, or something said about the text."""
    text = event.data.get("text") if isinstance(event.data, dict) else None
    if event.name != "message" or not isinstance(text, str):
        answer.events.append(event)
        return
    if answer.first_token_seconds is None:
        answer.first_token_seconds = time.perf_counter() - started
    answer.pieces += 1
    answer.text += text
    watch.take(text)
