"""A thread in a blocking read cannot be cancelled."""

from starlette.concurrency import iterate_in_threadpool

from llm import LLM_API_KEY, LLM_BASE_URL, LLM_TIMEOUT_SECONDS

CAUGHT_BY = (
    "test_the_llm_call_is_dropped_when_the_client_leaves",
    "test_a_client_that_leaves_takes_only_its_own_call_along",
    "test_a_client_may_leave_while_tokens_come",
)


async def ask_llm(client, body):
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    headers = {"Authorization": f"Bearer {LLM_API_KEY}"}

    def chunks():
        with httpx.stream(
            "POST",
            f"{LLM_BASE_URL}/chat/completions",
            json=payload,
            headers=headers,
            timeout=LLM_TIMEOUT_SECONDS,
        ) as answer:
            answer.raise_for_status()
            rest = b""
            for received in answer.iter_bytes():
                *lines, rest = (rest + received).split(b"\n")
                for line in lines:
                    data = line.removeprefix(b"data:").strip()
                    if data == b"[DONE]":
                        return
                    if line.startswith(b"data:"):
                        yield Chunk.model_validate_json(data)

    async for chunk in iterate_in_threadpool(chunks()):
        yield chunk
