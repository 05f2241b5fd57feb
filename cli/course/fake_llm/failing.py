"""Failures in a word, for a server that runs alone: `503/3` is status 503 for every third call."""

import re
from collections.abc import Callable, Sequence

from .ledger import Call
from .replies import Reply

_WORD = re.compile(r"(?P<what>[45]\d\d|timeout|hang-up)(?:/(?P<every>[1-9]\d{0,5}))?", re.ASCII)


def failing(words: Sequence[str], otherwise: Reply | None = None) -> Callable[[Call], Reply | None]:
    """A function for `FakeLLM.behave` that makes calls fail as the words say, by count.

    A word is a status from 400 to 599, `timeout` (never answers) or `hang-up` (breaks off after
    three chunks), alone for every call or with `/N` for every N-th one. When two are due the first
    counts. Chat completions and embeddings are counted together; `/models` never fails. `otherwise`
    answers the other calls, None being the default answer. ValueError for any other word.
    """
    rules = [_rule(word) for word in words]
    count = 0

    def behaviour(call: Call) -> Reply | None:
        nonlocal count
        if not call.counts:
            return None
        count += 1
        return next((reply for every, reply in rules if count % every == 0), otherwise)

    return behaviour


def _rule(word: str) -> tuple[int, Reply]:
    match = _WORD.fullmatch(word)
    if match is None:
        raise ValueError(
            f"{word!r} is no failure. Write a status from 400 to 599, timeout or hang-up, "
            "for every call, or with /N for every N-th call: 503, 429/2, timeout/4, hang-up/5."
        )
    every = int(match["every"] or 1)
    if match["what"] == "timeout":
        return every, Reply(silent_after=0)
    if match["what"] == "hang-up":
        return every, Reply(hang_up_after=3)
    status = int(match["what"])
    return every, Reply(status=status, retry_after="1" if status in (429, 503) else None)
