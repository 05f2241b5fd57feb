"""Starts threads from an `async def` and waits for them there, so the event loop waits with it."""

from concurrent.futures import ThreadPoolExecutor

from llm import LLM_MODEL

CAUGHT_BY = (
    "test_health_answers_while_batches_wait",
    "test_the_calls_of_a_client_that_left_are_cancelled",
    "test_no_call_starts_for_a_client_that_left",
    "test_the_batch_of_another_client_goes_on",
)

threads = ThreadPoolExecutor(MAX_CONCURRENCY)


def answer_in_a_thread(prompt: str) -> BatchItem:
    try:
        answer = legacy_sdk.complete(prompt, model=LLM_MODEL, temperature=0.7)
    except legacy_sdk.LegacyError as error:
        return BatchItem(query=prompt, error=explain(error).detail)
    return BatchItem(query=prompt, response=answer["text"], tokens_used=answer["tokens"])


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer a batch; drop the work when nobody is left to read it."""
    return list(threads.map(answer_in_a_thread, prompts))
