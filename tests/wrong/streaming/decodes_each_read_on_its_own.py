"""A read may end in the middle of a character."""

FILE = "llm.py"
CAUGHT_BY = ("test_frames_that_arrive_joined_or_cut_apart_are_put_together",)


async def data_lines(answer):
    rest = ""
    async for received in answer.aiter_bytes():
        *lines, rest = (rest + received.decode("utf-8", "replace")).split("\n")
        for line in lines:
            data = line.removeprefix("data:").strip()
            if data == "[DONE]":
                return
            if line.startswith("data:"):
                yield data.encode()
