"""Keeps an answer for as long as the process lives."""

CAUGHT_BY = (
    "test_an_entry_older_than_the_ttl_is_not_used",
    "test_an_entry_is_as_old_as_its_answer",
)
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
        self.entries.move_to_end(key)
        return self.entries[key][1]

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        self.entries[key] = (time.monotonic(), text)
        self.entries.move_to_end(key)
        if len(self.entries) > self.max_entries:
            self.entries.popitem(last=False)

    async def close(self) -> None:
        """There is nothing to close."""
