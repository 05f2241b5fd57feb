"""Server-sent events as the standard has them: three ends of a line, in pieces of any size."""

import pytest

from course.grading.sse import Event, EventParser

STREAM = 'data: {"text": "a"}||:still here||event: done|data: 1|data:2||id: 7|data||event: x||'
EVENTS = [Event("message", '{"text": "a"}'), Event("done", "1\n2"), Event("message", "")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_stream_in_pieces_has_the_same_events(end: str, size: int) -> None:
    stream = ("\ufeff" + STREAM.replace("|", end)).encode()
    parser = EventParser()
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert [event for piece in pieces for event in parser.feed(piece)] == EVENTS
    assert parser.comments == ["still here"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_an_event_is_there_with_its_blank_line(end: str) -> None:
    assert EventParser().feed(f"data: a{end}{end}".encode()) == [Event("message", "a")]


def test_what_only_some_programs_take_for_an_end_of_line_is_none() -> None:
    text = "a\u2028b\u2029c\x0bd\x0ce\x85f"
    assert EventParser().feed(f"data: {text}\n\n".encode()) == [Event("message", text)]
