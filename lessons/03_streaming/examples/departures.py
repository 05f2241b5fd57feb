"""A departure board: each event carries JSON, so a note may hold whatever its writer typed."""

import json

from fastapi.sse import format_sse_event


def departure(train: str, note: str) -> bytes:
    """One event for the board."""
    return format_sse_event(event="departure", data_str=json.dumps([train, note]))
