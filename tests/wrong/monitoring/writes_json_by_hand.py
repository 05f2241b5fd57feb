"""Puts quotes around what a caller has sent, which may have quotes in it."""

CAUGHT_BY = (
    "test_an_id_that_a_caller_sends_is_kept_or_replaced",
    "test_a_client_that_leaves_has_one_line_without_the_prompt",
)
FILE = "logs.py"


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
        told = ", ".join(f'"{name}": {quoted(value)}' for name, value in fields.items())
        return f"{{{told}}}"


def quoted(value: object) -> str:
    return "null" if value is None else f'"{value}"' if isinstance(value, str) else f"{value}"
