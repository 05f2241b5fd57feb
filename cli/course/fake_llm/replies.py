"""What the fake LLM is told to do: a `Reply`, and the `Gate` or `Barrier` that holds it back."""

import asyncio
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

_HEADER = re.compile(
    r"(?!content-length:|transfer-encoding:)[\w!#$%&'*+.^`|~-]+: [\t !-~\xa0-\xff]*",
    re.ASCII | re.IGNORECASE,
)
"""What HTTP allows, but for those that the server writes itself."""


@dataclass(frozen=True)
class Usage:
    """The tokens of one call, as the LLM bills them."""

    prompt_tokens: int
    completion_tokens: int

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class Gate:
    """Holds answers back until the test lets them through.

    An answer in one piece takes one permit; a streamed one takes a permit for each chunk of text.
    Permits are handed out in the order of asking. Any thread may call any method. A gate is for one
    test: `FakeLLM.reset` opens those that are in use.
    """

    def __init__(self, permits: int = 0) -> None:
        self._changed = threading.Condition()
        self._permits = permits
        self._is_open = False
        self._queue: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """How many answers wait at this gate now."""
        with self._changed:
            return len(self._queue)

    def wait_for_waiting(self, n: int, within: float = 2.0) -> bool:
        """Wait until at least `n` answers wait here; False after `within` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._queue) >= n, within)

    def release(self, n: int = 1) -> None:
        """Give `n` permits: to those who wait first, the rest to those who come."""
        with self._changed:
            self._permits += n
            self._hand_out()

    def open(self) -> None:
        """Let everything through, now and from now on."""
        with self._changed:
            self._is_open = True
            self._hand_out()

    def _hand_out(self) -> None:
        while self._queue and (self._is_open or self._permits > 0):
            _wake(self._queue.popleft())
            if not self._is_open:
                self._permits -= 1
        self._changed.notify_all()

    def _pass(self) -> bool:
        if not self._is_open:
            if self._permits == 0:
                return False
            self._permits -= 1
        return True

    async def take(self, will_wait: Callable[[], None], waits: Callable[[], None]) -> None:
        """Take a permit. For the server, which is told before and after this begins to wait.

        Neither is called with the lock held: they take another, and so may who holds that one.
        """
        with self._changed:
            if self._pass():
                return
        will_wait()
        with self._changed:
            if self._pass():
                return
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._queue.append(place)
            self._changed.notify_all()
        waits()
        try:
            await place
        except asyncio.CancelledError:
            with self._changed:
                if place in self._queue:
                    self._queue.remove(place)
                    self._changed.notify_all()
                else:  # the permit came too late for this one: the next may have it
                    self.release()
            raise


class Barrier:
    """Holds answers back until `n` of them wait together, which proves that the calls overlap.

    When the n-th comes, all pass, and so does everything after them. If it has not come `patience`
    seconds after one began to wait, the barrier is `broken` and all pass as well.
    """

    def __init__(self, n: int, patience: float = 2.0) -> None:
        self.n = n
        self.patience = patience
        self.met = False
        self.broken = False
        self._lock = threading.Lock()
        self._places: list[asyncio.Future[None]] = []

    @property
    def waiting(self) -> int:
        """How many answers wait at this barrier now."""
        with self._lock:
            return len(self._places)

    def _let_all_pass(self) -> None:
        for place in self._places:
            _wake(place)
        self._places.clear()

    async def wait(self, will_wait: Callable[[], None], waits: Callable[[], None]) -> None:
        """Wait for the others. For the server, as `Gate.take`."""
        will_wait()
        with self._lock:
            if self.met or self.broken:
                return
            if len(self._places) + 1 >= self.n:
                self.met = True
                self._let_all_pass()
                return
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._places.append(place)
        waits()
        try:
            async with asyncio.timeout(self.patience):
                await place
        except TimeoutError:
            with self._lock:
                self.broken = not self.met
                self._let_all_pass()
        finally:
            with self._lock:
                if place in self._places:
                    self._places.remove(place)


def _wake(place: asyncio.Future[None]) -> None:
    """Finish a future of another thread's loop; one that was cancelled meanwhile is left alone."""

    def finish() -> None:
        if not place.done():
            place.set_result(None)

    place.get_loop().call_soon_threadsafe(finish)


@dataclass(frozen=True)
class Reply:
    """One answer of the fake LLM. Without any argument it is the default answer to the prompt.

    The fields that end in `_after` count chunks of text: 0 is before any byte, and more than there
    are is after the last chunk, before the end of the stream. In an answer that is not streamed, 1
    or more is the middle of the body.
    """

    text: str | None = None
    chunks: Sequence[str] | None = None
    finish_reason: str = "stop"
    model: str | None = None
    """Another model than the one asked for."""
    usage: Usage | None = None
    """Other figures than the counted ones."""
    send_usage: bool = True
    """False: says nothing of usage, even when asked."""

    status: int = 200
    message: str | None = None
    """The text of the error object, which is the body of any status but 200."""
    retry_after: str | float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    delay: float = 0.0
    """Seconds before the first byte."""
    chunk_delay: float = 0.0
    """Seconds before each chunk but the first."""
    gate: Gate | None = None
    barrier: Barrier | None = None

    hang_up_after: int | None = None
    """Closes the connection."""
    silent_after: int | None = None
    """Says nothing more and keeps the connection."""
    malformed_after: int | None = None
    """A frame that is no JSON, then the rest of the stream; not streamed: half the JSON."""
    error_after: int | None = None
    """A frame with an error object ends the stream, without `[DONE]`; not streamed: status 500."""

    body: bytes | None = None
    """These bytes instead of a completion, with `content_type`."""
    content_type: str = "application/json"

    def __post_init__(self) -> None:
        if self.text is not None and self.chunks is not None and self.text != "".join(self.chunks):
            raise ValueError("The chunks of a Reply, joined, must be its text.")
        if isinstance(self.chunks, str):
            raise TypeError("The chunks of a Reply are a sequence of texts, not one text.")
        if not 200 <= self.status <= 599:
            raise ValueError(f"The status of a Reply is 200 to 599, not {self.status}.")
        for name, value in self.headers.items():
            if not _HEADER.fullmatch(f"{name}: {value}"):
                raise ValueError(f"A Reply cannot have the header {name!r} with {value!r}.")
