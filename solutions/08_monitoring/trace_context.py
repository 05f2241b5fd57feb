"""The header `traceparent` (W3C Trace Context): one trace id for everything a request sets off."""

import re
import secrets

from record import RECORD

# version, trace id, the caller's span id, flags; all zeros and version ff are invalid
TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)


def trace_id_of(header: str) -> str:
    """The trace that the caller's request belongs to; a new one when they sent no valid header."""
    found = TRACEPARENT.fullmatch(header)
    return found[1] if found else secrets.token_hex(16)


def outgoing() -> dict[str, str]:
    """The header for a call to the LLM: the trace of the request, and a new span as its parent."""
    record = RECORD.get()
    trace_id = record.trace_id if record else secrets.token_hex(16)
    return {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"}
