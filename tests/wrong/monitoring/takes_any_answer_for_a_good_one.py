"""Is ready when the LLM answers, whatever it answers."""

CAUGHT_BY = ("test_an_llm_that_fails_makes_an_app_that_is_not_ready",)
FILE = "probes.py"


class Readiness:
    """Whether the LLM answers, asked at most once a second, however many ask us."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.ready = False
        self.asked_at = float("-inf")
        self.one_at_a_time = asyncio.Lock()

    async def is_ready(self) -> bool:
        """What was found out within the last second, or is found out now."""
        async with self.one_at_a_time:
            if time.monotonic() - self.asked_at >= FRESH_SECONDS:
                self.ready = await self.llm_answers()
                self.asked_at = time.monotonic()
            return self.ready

    async def llm_answers(self) -> bool:
        """Ask for the list of models, which costs nothing; but not for longer than a second."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.client.get("/models")
        except (httpx.HTTPError, TimeoutError):
            return False
        return True
