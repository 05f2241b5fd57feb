"""Calls itself FastAPI, like everyone else."""

CAUGHT_BY = ("test_the_api_is_called_llm_api",)

app = FastAPI(lifespan=lifespan)
