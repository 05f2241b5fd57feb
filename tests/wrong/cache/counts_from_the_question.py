"""Counts the age of an entry from when it was looked for, before the LLM was asked."""

CAUGHT_BY = ("test_the_time_that_the_llm_takes_is_not_age",)
FILE = "cache.py"


class MemoryCache:
    """At most `max_entries` texts, each for `ttl` seconds."""

    def __init__(self, ttl: float, max_entries: int) -> None:
        self.ttl = ttl
        self.max_entries = max_entries
        self.entries: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self.asked_at: dict[str, float] = {}

    async def get(self, key: str) -> str | None:
        """The text kept under `key`."""
        kept_at, text = self.entries.get(key, (0.0, None))
        if text is None or time.monotonic() - kept_at >= self.ttl:
            self.entries.pop(key, None)
            self.asked_at[key] = time.monotonic()
            return None
        self.entries.move_to_end(key)
        return text

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        self.entries[key] = (self.asked_at.pop(key, time.monotonic()), text)
        self.entries.move_to_end(key)
        if len(self.entries) > self.max_entries:
            self.entries.popitem(last=False)

    async def close(self) -> None:
        """There is nothing to close."""
