"""Replaces the line and paragraph separators of Unicode by the usual line ends."""

CAUGHT_BY = ("test_characters_that_only_some_programs_take_for_line_ends_survive",)


def sse(fields, event=None):
    if "text" in fields:
        fields = {"text": fields["text"].replace("\u2028", "\n").replace("\u2029", "\n\n")}
    return format_sse_event(data_str=json.dumps(fields), event=event)
