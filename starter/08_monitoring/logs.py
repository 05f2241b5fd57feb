"""One JSON object a line on stdout, with the standard library alone."""

import json
import logging
import sys
from datetime import UTC, datetime

from record import RECORD, Record

logger = logging.getLogger("requests")


class JsonLines(logging.Formatter):
    """A line of a log as a JSON object, whatever is in the message.

    TODO(logs): `timestamp` (`line.created` is in seconds; ISO 8601, UTC), `level`, `message`, the
    `request_id` of the request under way (`RECORD.get()`, None outside of one), and what was
    passed as `extra={"fields": {...}}`, which is `line.fields` if it was.
    """

    def format(self, line: logging.LogRecord) -> str:
        return f"{line.levelname} {line.getMessage()}"


def set_up_logs() -> None:
    """Everything that is logged goes to stdout as JSON; uvicorn's own lines stay on stderr."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line a call, with our URL


def log_request(record: Record) -> None:
    """The one line of a request whose answer has ended: what it was, never what was said.

    TODO(logs): `method`, `route`, `status`, `duration_ms`, `model` and `tokens` of the record, as
    `extra={"fields": {...}}`.
    """
    logger.info("request answered")
