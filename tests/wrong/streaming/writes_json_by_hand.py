"""Quotation marks around a text do not make it JSON."""

CAUGHT_BY = (
    "test_line_ends_in_the_text_survive",
    "test_text_that_looks_like_an_event_stays_text",
    "test_quotes_blanks_and_backslashes_survive",
    "test_characters_that_only_some_programs_take_for_line_ends_survive",
)


def sse(fields, event=None):
    data = json.dumps(fields)
    if "text" in fields:
        data = '{"text": "' + fields["text"] + '"}'
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {data}\n\n".encode()
