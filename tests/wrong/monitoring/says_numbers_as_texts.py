"""Writes every field as a text, and nobody can compare them."""

CAUGHT_BY = (
    "test_an_answered_request_has_one_line_that_says_what_it_was",
    "test_a_request_that_fails_has_its_line_too",
    "test_a_stream_whose_client_has_left_has_one_line",
    "test_a_stream_that_breaks_has_one_line",
    "test_the_timestamp_is_iso_8601_in_utc",
    "test_a_stream_has_its_line_when_it_has_ended",
    "test_every_line_on_stdout_is_a_json_object",
    "test_an_id_that_a_caller_sends_is_kept_or_replaced",
    "test_ids_never_cross",
    "test_nothing_that_was_said_is_in_the_logs",
    "test_a_wait_in_vain_has_a_line_without_the_prompt",
    "test_a_client_that_leaves_has_one_line_without_the_prompt",
)
FILE = "logs.py"


def log_request(record: Record) -> None:
    """The one line of a request whose answer has ended: what it was, never what was said."""
    fields = {
        "method": record.method,
        "route": record.route,
        "status": str(record.status),
        "duration_ms": round(record.seconds * 1000),
        "model": record.model,
        "tokens": record.tokens,
    }
    logger.info("request answered", extra={"fields": fields})
