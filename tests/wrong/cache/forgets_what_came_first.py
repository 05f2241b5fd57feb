"""Forgets the entry that came first, however often it is used."""

CAUGHT_BY = ("test_a_used_entry_outlives_one_that_nobody_uses",)
FILE = "cache.py"


class MemoryCache:
    """At most `max_entries` texts, each for `ttl` seconds."""

    def __init__(self, ttl: float, max_entries: int) -> None:
        self.ttl = ttl
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
        return text

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        self.entries[key] = (time.monotonic(), text)
        self.entries.move_to_end(key)
        if len(self.entries) > self.max_entries:
            self.entries.popitem(last=False)

    async def close(self) -> None:
        """There is nothing to close."""
