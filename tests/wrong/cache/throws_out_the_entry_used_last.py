"""Throws out the entry that was used last when it replaces another one."""

FILE = "cache.py"
CAUGHT_BY = ("test_a_fresh_answer_leaves_other_entries_alone",)


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
        self.entries.move_to_end(key)
        return text

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        if key in self.entries:
            self.entries.popitem()
        self.entries[key] = (time.monotonic(), text)
        self.entries.move_to_end(key)
        if len(self.entries) > self.max_entries:
            self.entries.popitem(last=False)

    async def close(self) -> None:
        """There is nothing to close."""
