"""Takes every `data:` out of a line, also those that are a part of the text."""

FILE = "llm.py"
CAUGHT_BY = ("test_text_that_looks_like_an_event_stays_text",)


async def data_lines(answer):
    rest = b""
    async for received in answer.aiter_bytes():
        *lines, rest = (rest + received).split(b"\n")
        for line in lines:
            data = line.replace(b"data:", b"").strip()
            if data == b"[DONE]":
                return
            if line.startswith(b"data:"):
                yield data
