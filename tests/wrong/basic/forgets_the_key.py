"""Calls the LLM without its key, so nothing is ever answered."""

CAUGHT_BY = (
    "test_a_valid_question_gets_exactly_three_fields",
    "test_a_query_of_8000_characters_is_answered",
    "test_the_ends_of_the_temperature_scale_are_accepted",
    "test_the_key_is_sent_as_a_bearer_token",
    "test_the_answer_is_what_the_llm_said",
    "test_model_and_tokens_are_what_the_llm_reports",
    "test_a_silent_llm_is_504_after_the_timeout",
    "test_a_busy_llm_is_503_with_its_retry_after",
    "test_the_question_after_a_failure_is_answered",
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; routes find what is yielded in `request.state`."""
    timeout = LLM_TIMEOUT_SECONDS
    async with httpx.AsyncClient(base_url=LLM_BASE_URL, timeout=timeout) as client:
        yield {"client": client}
