"""`splitlines()` forgets which line ends there were, and knows some that are none."""

CAUGHT_BY = (
    "test_line_ends_in_the_text_survive",
    "test_text_that_looks_like_an_event_stays_text",
    "test_characters_that_only_some_programs_take_for_line_ends_survive",
)


def sse(fields, event=None):
    if "text" in fields:
        fields = {"text": "\n".join(fields["text"].splitlines())}
    return format_sse_event(data_str=json.dumps(fields), event=event)
