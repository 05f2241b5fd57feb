"""Writes a level as the number that Python has for it."""

CAUGHT_BY = ("test_an_answered_request_has_one_line_that_says_what_it_was",)
FILE = "logs.py"


class JsonLines(logging.Formatter):
    """A line of a log as a JSON object, whatever is in the message."""

    def format(self, line: logging.LogRecord) -> str:
        request = RECORD.get()
        fields = {
            "timestamp": datetime.fromtimestamp(line.created, UTC).isoformat(),
            "level": line.levelno,
            "logger": line.name,
            "message": line.getMessage(),
            "request_id": request.request_id if request else None,
            "trace_id": request.trace_id if request else None,
        }
        fields |= getattr(line, "fields", {})
        if line.exc_info:
            fields["exception"] = self.formatException(line.exc_info)
        return json.dumps(fields, default=str)
