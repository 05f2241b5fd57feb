"""A stream keeps its connection to its end, and there is only one."""

FILE = "llm.py"
CAUGHT_BY = (
    "test_a_second_stream_runs_to_its_end_while_one_is_held",
    "test_streams_side_by_side_keep_their_texts_apart",
    "test_a_client_that_leaves_takes_only_its_own_call_along",
)


@asynccontextmanager
async def lifespan(app):
    async with httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        timeout=LLM_TIMEOUT_SECONDS,
        limits=httpx.Limits(max_connections=1),
    ) as client:
        yield {"client": client}
