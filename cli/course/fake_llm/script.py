"""Which reply answers which call."""

from collections import deque
from collections.abc import Callable

from .ledger import Call
from .replies import Reply

Behaviour = Callable[[Call], Reply | None]

METHODS = {"/chat/completions": "POST", "/embeddings": "POST", "/models": "GET"}
"""What there is, below `/v1`."""


def route_of(path: str) -> str:
    """The path that replies are scripted by: one model is asked for as they all are."""
    return "/models" if path.startswith("/models/") else path


def check_path(path: str) -> None:
    if path not in METHODS:
        raise ValueError(f"There is no {path!r}; a path is one of {', '.join(METHODS)}.")


class Script:
    """Everything a test has said about answers to come, the most special first."""

    def __init__(self) -> None:
        self.conditions: list[tuple[str, str, Reply]] = []
        """Path, text in the prompt, reply; the latest first."""
        self.turns: deque[Reply] = deque()
        """For the next chat completions."""
        self.defaults: dict[str, Reply] = {}
        """By path."""
        self.behaviour: Behaviour | None = None

    def choose(self, call: Call) -> Reply:
        """The reply to a valid request."""
        route = route_of(call.path)
        for path, text, reply in self.conditions:
            if path == route and text in call.prompt:
                return reply
        if route == "/chat/completions" and self.turns:
            return self.turns.popleft()
        if route in self.defaults:
            return self.defaults[route]
        if self.behaviour is not None:
            try:
                return self.behaviour(call) or Reply()
            except Exception as error:  # noqa: BLE001 - whatever it is, its author has to see it
                return Reply(status=500, message=f"The function given to behave raised {error!r}.")
        return Reply()
