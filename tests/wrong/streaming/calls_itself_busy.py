"""Says in its health check that it is busy as soon as one stream is open."""

CAUGHT_BY = ("test_health_answers_while_a_stream_is_held",)


OPEN: list[AsyncGenerator[bytes]] = []


async def to_the_end(first, events):
    OPEN.append(events)
    try:
        async with aclosing(events):
            yield first
            async for event in events:
                yield event
    except LLM_ERRORS as error:
        yield sse({"detail": explain(error).detail}, event="error")
    finally:
        OPEN.remove(events)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "busy" if OPEN else "ok"}
