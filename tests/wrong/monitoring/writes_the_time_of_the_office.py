"""Writes the time that the clock on the wall says."""

CAUGHT_BY = ("test_the_timestamp_is_iso_8601_in_utc",)
FILE = "logs.py"


class JsonLines(logging.Formatter):
    """A line of a log as a JSON object, whatever is in the message."""

    def format(self, line: logging.LogRecord) -> str:
        request = RECORD.get()
        fields = {
            "timestamp": datetime.fromtimestamp(line.created).isoformat(),
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
