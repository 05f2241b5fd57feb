"""Takes a backslash and an n for a line end that was escaped once too often."""

CAUGHT_BY = ("test_quotes_blanks_and_backslashes_survive",)


def sse(fields, event=None):
    if "text" in fields:
        fields = {"text": fields["text"].replace("\\n", "\n")}
    return format_sse_event(data_str=json.dumps(fields), event=event)
