"""A read may end in the middle of a frame."""

CAUGHT_BY = ("test_frames_that_arrive_joined_or_cut_apart_are_put_together",)


async def data_lines(answer):
    async for received in answer.aiter_bytes():
        for line in received.split(b"\n"):
            if line.startswith(b"data:"):
                yield line.removeprefix(b"data:").strip()
