"""A read may end in the middle of a frame."""

FILE = "llm.py"
CAUGHT_BY = ("test_frames_that_arrive_joined_or_cut_apart_are_put_together",)


async def data_lines(answer):
    async for received in answer.aiter_bytes():
        for line in received.split(b"\n"):
            data = line.removeprefix(b"data:").strip()
            if data == b"[DONE]":
                return
            if line.startswith(b"data:"):
                yield data
