"""Puts a letter and its accent together into one character, which is not what the LLM wrote."""

from unicodedata import normalize

CAUGHT_BY = ("test_every_script_and_emoji_survives",)


def sse(fields, event=None):
    if "text" in fields:
        fields = {"text": normalize("NFC", fields["text"])}
    return format_sse_event(data_str=json.dumps(fields), event=event)
