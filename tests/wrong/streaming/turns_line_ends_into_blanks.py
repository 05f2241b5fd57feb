"""Takes the line ends out, since they would end the event."""

CAUGHT_BY = (
    "test_line_ends_in_the_text_survive",
    "test_text_that_looks_like_an_event_stays_text",
)


def sse(fields, event=None):
    if "text" in fields:
        fields = {"text": fields["text"].replace("\n", " ").replace("\r", " ")}
    return format_sse_event(data_str=json.dumps(fields), event=event)
