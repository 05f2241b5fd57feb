"""Hides the contract and calls that safety."""

CAUGHT_BY = (
    "test_the_api_is_called_llm_api",
    "test_both_models_are_in_the_docs",
    "test_the_docs_show_an_example",
    "test_the_failures_are_declared",
)

app = FastAPI(title="LLM API", lifespan=lifespan, openapi_url=None)
