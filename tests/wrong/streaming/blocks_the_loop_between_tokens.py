"""A `for` over a blocking stream in an `async def` stops everybody."""

from llm import LLM_API_KEY, LLM_BASE_URL, LLM_TIMEOUT_SECONDS

CAUGHT_BY = (
    "test_health_answers_while_a_stream_is_held",
    "test_health_answers_before_the_first_token",
    "test_a_second_stream_runs_to_its_end_while_one_is_held",
    "test_streams_side_by_side_keep_their_texts_apart",
    "test_the_llm_call_is_dropped_when_the_client_leaves",
    "test_a_client_that_leaves_takes_only_its_own_call_along",
    "test_comments_come_as_long_as_the_llm_is_silent",
    "test_the_answer_goes_on_after_a_heartbeat",
    "test_a_heartbeat_does_not_hide_an_llm_that_is_gone",
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
