"""A lock keeps the second client waiting for the first."""

CAUGHT_BY = (
    "test_a_second_stream_runs_to_its_end_while_one_is_held",
    "test_streams_side_by_side_keep_their_texts_apart",
    "test_a_client_that_leaves_takes_only_its_own_call_along",
)


LOCK = asyncio.Lock()


async def ask_llm(client, body):
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    async with LOCK, client.stream("POST", "/chat/completions", json=payload) as answer:
        answer.raise_for_status()
        async for data in data_lines(answer):
            yield Chunk.model_validate_json(data)
