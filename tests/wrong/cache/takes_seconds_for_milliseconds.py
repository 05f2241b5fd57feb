"""Divides the seconds by a thousand."""

CAUGHT_BY = (
    "test_an_entry_younger_than_the_ttl_is_used",
    "test_an_entry_is_as_old_as_its_answer",
    "test_the_time_that_the_llm_takes_is_not_age",
)
FILE = "cache.py"


class MemoryCache:
    """At most `max_entries` texts, each for `ttl` seconds."""

    def __init__(self, ttl: float, max_entries: int) -> None:
        self.ttl = ttl / 1000
        self.max_entries = max_entries
        self.entries: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def get(self, key: str) -> str | None:
        """The text kept under `key`."""
        if key not in self.entries:
            return None
        kept_at, text = self.entries[key]
        if time.monotonic() - kept_at >= self.ttl:
            del self.entries[key]
            return None
        self.entries.move_to_end(key)
        return text

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        self.entries[key] = (time.monotonic(), text)
        self.entries.move_to_end(key)
        if len(self.entries) > self.max_entries:
            self.entries.popitem(last=False)

    async def close(self) -> None:
        """There is nothing to close."""
