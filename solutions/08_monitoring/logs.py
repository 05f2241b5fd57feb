"""One JSON object a line on stdout, with the standard library alone."""

import json
import logging
import sys
from datetime import UTC, datetime

from record import RECORD, Record

logger = logging.getLogger("requests")


class JsonLines(logging.Formatter):
    """A line of a log as a JSON object, whatever is in the message."""

    def format(self, line: logging.LogRecord) -> str:
        request = RECORD.get()
        fields = {
            "timestamp": datetime.fromtimestamp(line.created, UTC).isoformat(),
            "level": line.levelname.lower(),
            "logger": line.name,
            "message": line.getMessage(),
            "request_id": request.request_id if request else None,
            "trace_id": request.trace_id if request else None,
        }
        fields |= getattr(line, "fields", {})
        if line.exc_info:
            fields["exception"] = self.formatException(line.exc_info)
        return json.dumps(fields, default=str)


def set_up_logs() -> None:
    """Everything that is logged goes to stdout as JSON; uvicorn's own lines stay on stderr."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line a call, with our URL


def log_request(record: Record) -> None:
    """The one line of a request whose answer has ended: what it was, never what was said."""
    fields = {
        "method": record.method,
        "route": record.route,
        "status": record.status,
        "duration_ms": round(record.seconds * 1000),
        "model": record.model,
        "tokens": record.tokens,
    }
    logger.info("request answered", extra={"fields": fields})
