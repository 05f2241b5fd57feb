"""Gives each tenant a memory of the whole size."""

CAUGHT_BY = ("test_the_entries_of_all_tenants_count_together",)


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry; it begins with the tenant's."""
    rest = hashlib.sha256(json.dumps([body.model, body.temperature, body.query]).encode())
    return f"{tenant}/{rest.hexdigest()}"


class MemoryPerTenant:
    """A cache for each tenant."""

    def __init__(self) -> None:
        self.caches: dict[str, MemoryCache] = {}

    def of(self, key: str) -> MemoryCache:
        """The cache of the tenant that the key begins with."""
        tenant = key.rpartition("/")[0]
        return self.caches.setdefault(tenant, MemoryCache(CACHE_TTL_SECONDS, CACHE_MAX_ENTRIES))

    async def get(self, key: str) -> str | None:
        return await self.of(key).get(key)

    async def put(self, key: str, text: str) -> None:
        await self.of(key).put(key, text)

    async def close(self) -> None:
        pass


cache = (
    MemoryPerTenant()
    if CACHE_URL.startswith("memory:")
    else RedisCache(CACHE_URL, CACHE_TTL_SECONDS)
)
