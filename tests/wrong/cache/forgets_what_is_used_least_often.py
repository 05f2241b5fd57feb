"""Counts uses, and takes the least often used for the least recently used."""

CAUGHT_BY = ("test_a_full_cache_forgets_the_oldest_entry",)
FILE = "cache.py"


class MemoryCache:
    """At most `max_entries` texts, each for `ttl` seconds."""

    def __init__(self, ttl: float, max_entries: int) -> None:
        self.ttl = ttl
        self.max_entries = max_entries
        self.entries: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self.uses: dict[str, int] = {}

    async def get(self, key: str) -> str | None:
        """The text kept under `key`."""
        if key not in self.entries:
            return None
        kept_at, text = self.entries[key]
        if time.monotonic() - kept_at >= self.ttl:
            del self.entries[key]
            return None
        self.uses[key] += 1
        return text

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        if key not in self.entries and len(self.entries) >= self.max_entries:
            del self.entries[min(self.entries, key=lambda each: self.uses[each])]
        self.entries[key] = (time.monotonic(), text)
        self.uses[key] = self.uses.get(key, 0) + 1

    async def close(self) -> None:
        """There is nothing to close."""
