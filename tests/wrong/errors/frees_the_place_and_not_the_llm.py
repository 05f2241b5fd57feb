"""Lets the call go on when its client has left."""

CAUGHT_BY = ("test_a_hang_up_frees_its_place_and_ends_the_call",)
FILE = "protection.py"


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when the client hangs up."""
    task = asyncio.ensure_future(work)
    shield = asyncio.shield(task)
    watcher = asyncio.create_task(cancel_when_gone(request, shield))
    try:
        return await shield
    except asyncio.CancelledError:
        if not watcher.done():  # not the client, but the server wants us to stop
            raise
        raise HTTPException(CLIENT_LEFT, "The client has left.") from None
    finally:
        watcher.cancel()


async def cancel_when_gone(request: Request, task: asyncio.Future[Any]) -> None:
    """Wait for the client to hang up. The body has been read: nothing else can arrive."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    task.cancel()
