"""Writes every line end as a newline, whatever the LLM wrote."""

CAUGHT_BY = ("test_line_ends_in_the_text_survive",)


def sse(fields, event=None):
    if "text" in fields:
        fields = {"text": fields["text"].replace("\r\n", "\n").replace("\r", "\n")}
    return format_sse_event(data_str=json.dumps(fields), event=event)
