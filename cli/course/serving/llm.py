"""The fake LLM for people: slow enough to watch, a line for each call; alone with `course llm`."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from course.fake_llm import Call, Event, FakeLLM, Reply, failing
from course.reporting.texts import shortened, visible
from course.serving import Refused
from course.serving.ports import listen
from course.serving.screen import Screen
from course.serving.stopping import until_stopped
from course.workspace import as_typed

FIRST_PORT = 8001  # where the lessons' apps look when LLM_BASE_URL is not set
PROMPT_SHOWN = 48
ENDINGS = ("answered ", "client left", "hung up")


@dataclass(frozen=True)
class Pace:
    """Seconds before an answer, and between the words of a streamed one."""

    delay: float = 0.3
    chunk_delay: float = 0.05

    def __str__(self) -> str:
        return f"{self.delay:g} s to think, {self.chunk_delay:g} s a word"


def paced_llm(
    pace: Pace,
    say: Callable[[str], None],
    fail: Sequence[str] = (),
    port: int | None = 0,
) -> FakeLLM:
    """A fake LLM that answers the same each time, at that pace; `say` gets a line for each call."""
    try:
        behaviour = failing(fail, otherwise=Reply(delay=pace.delay, chunk_delay=pace.chunk_delay))
    except ValueError as problem:
        raise Refused(str(problem)) from None

    def on_event(event: Event) -> None:
        if event.what.startswith(ENDINGS):
            say(ledger_line(event.call))

    llm = FakeLLM(listener=listen(port, FIRST_PORT), nonce="", on_event=on_event)
    llm.behave(behaviour)
    return llm


def ledger_line(call: Call) -> str:
    """What became of a call, in a line."""
    parts = [f"LLM  {call.method} {shortened(visible(call.path), PROMPT_SHOWN)}"]
    if call.prompt:
        parts.append(f'"{shown_prompt(call.prompt)}"')
    if call.outcome == "answered":
        ending = f"answered {call.status}"
        if call.counts and call.status == 200:
            ending += f" with an answer of {plural(call.tokens_sent, 'token')}"
    else:
        who = "the client left" if call.aborted else "hung up"
        ending = f"{who} after {plural(call.tokens_sent, 'token')}"
    seconds = (call.ended_at or call.received_at) - call.received_at
    stream = "stream, " if call.stream else ""
    return f"{' '.join(parts)} {stream}{ending}, {seconds:.2f} s"


def shown_prompt(prompt: str) -> str:
    """The beginning of a prompt, on one line."""
    words = " ".join(prompt.split())
    return visible(words if len(words) <= PROMPT_SHOWN else words[: PROMPT_SHOWN - 4] + " ...")


def plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def run_llm(kind: str, port: int | None, pace: Pace, fail: Sequence[str]) -> int:
    """The LLM alone, until Ctrl-C."""
    refuse_other_than_fake(kind)
    over = threading.Event()
    screen = Screen(on_gone=over.set)
    with until_stopped(), paced_llm(pace, screen.say, fail, port) as llm:
        screen.say(*introduction(llm.base_url, pace, fail))
        while not over.wait(1.0):  # in a way that Ctrl-C interrupts on every system
            pass
    screen.say("", "The LLM has ended.")
    return 0


def refuse_other_than_fake(kind: str) -> None:
    if kind == "local":
        raise Refused(
            "a local LLM is not part of this version; use the fake one, or your own by its URL."
        )
    if kind != "fake":
        raise Refused(
            f"there is no LLM called {kind!r}; there is the fake one, `{as_typed('llm')}`."
        )


def introduction(base_url: str, pace: Pace, fail: Sequence[str]) -> list[str]:
    """Where it is and how to try it; the lines can be copied into a shell."""
    body = '{"model": "gpt-4", "messages": [{"role": "user", "content": "Why is the sky blue?"}]}'
    failures = f", failing: {' '.join(fail)}" if fail else ""
    return [
        f"LLM  {base_url}  (fake: {pace}{failures})",
        "",
        "  For an app, or any OpenAI client (every key is good):",
        f"    export LLM_BASE_URL={base_url} LLM_API_KEY=any-key",
        "  By hand:",
        f"    curl {base_url}/chat/completions -H 'Content-Type: application/json' -d '{body}'",
        "",
        "  A line for each call follows. Ctrl-C ends.",
        "",
    ]
