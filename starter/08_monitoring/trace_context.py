"""The header `traceparent` (W3C Trace Context): one trace id for everything a request sets off."""

import re
import secrets

from record import RECORD

# version, trace id, the caller's span id, flags; all zeros and version ff are invalid
TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)


def trace_id_of(header: str) -> str:
    """The trace that the caller's request belongs to; a new one when they sent no valid header.

    TODO(trace): take it out of the header with TRACEPARENT, or make one: 16 random bytes in hex.
    """
    return ""


def outgoing() -> dict[str, str]:
    """The header for a call to the LLM: the trace of the request, and a new span as its parent.

    TODO(trace): `{"traceparent": ...}` with the trace id of `RECORD.get()` and a new parent id: 8
    random bytes in hex.
    """
    return {}
