"""Collects the answer and only then begins to send it."""

CAUGHT_BY = (
    "test_the_first_event_arrives_before_the_second_token_exists",
    "test_each_token_arrives_before_the_next_exists",
    "test_a_broken_answer_is_not_asked_for_again",
    "test_a_connection_that_breaks_midway_is_an_error_event",
    "test_an_error_event_is_in_your_own_words",
    "test_the_llm_call_is_dropped_when_the_client_leaves",
    "test_a_client_that_leaves_takes_only_its_own_call_along",
    "test_health_answers_while_a_stream_is_held",
    "test_a_second_stream_runs_to_its_end_while_one_is_held",
    "test_silence_between_tokens_becomes_an_error_event",
    "test_comments_come_as_long_as_the_llm_is_silent",
    "test_the_answer_goes_on_after_a_heartbeat",
    "test_a_heartbeat_does_not_hide_an_llm_that_is_gone",
    "test_an_answer_that_just_stops_is_never_done",
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
    async with client.stream("POST", "/chat/completions", json=payload) as answer:
        answer.raise_for_status()
        whole = [data async for data in data_lines(answer)]
    for data in whole:
        yield Chunk.model_validate_json(data)
