"""Leaves out every character that ASCII does not have."""

CAUGHT_BY = (
    "test_characters_that_only_some_programs_take_for_line_ends_survive",
    "test_every_script_and_emoji_survives",
    "test_frames_that_arrive_joined_or_cut_apart_are_put_together",
)


def sse(fields, event=None):
    data = json.dumps(fields, ensure_ascii=False)
    return format_sse_event(data_str=data.encode("ascii", "ignore").decode(), event=event)
