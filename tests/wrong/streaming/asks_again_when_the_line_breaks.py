"""The client has read the first half and now gets it again."""

CAUGHT_BY = (
    "test_a_connection_that_breaks_midway_is_an_error_event",
    "test_a_broken_answer_is_not_asked_for_again",
    "test_an_error_event_is_in_your_own_words",
    "test_an_answer_that_just_stops_is_never_done",
)


async def ask_llm(client, body):
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    for attempt in (1, 2):
        try:
            async with client.stream("POST", "/chat/completions", json=payload) as answer:
                answer.raise_for_status()
                async for data in data_lines(answer):
                    if data == b"[DONE]":
                        return
                    yield Chunk.model_validate_json(data)
                return
        except (httpx.RemoteProtocolError, httpx.ReadError):
            if attempt == 2:
                raise
