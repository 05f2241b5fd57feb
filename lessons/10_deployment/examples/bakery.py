"""A bakery that closes in good order: SIGTERM turns the sign, and the last guests finish."""

import asyncio
import os
import signal
from asyncio import StreamReader, StreamWriter

GOING_HOME = float(os.environ.get("GOING_HOME_SECONDS", "0.3"))

sign_is_turned = asyncio.Event()
guests: set[asyncio.Task[None]] = set()


async def serve(reader: StreamReader, writer: StreamWriter) -> None:
    """One guest asks for something, and eats it slowly."""
    task = asyncio.current_task()
    assert task
    guests.add(task)
    try:
        order = (await reader.readline()).decode().strip()
        writer.write(b"closing soon\n" if sign_is_turned.is_set() else b"open\n")
        await asyncio.sleep(0.2 if order == "coffee" else 0)
        writer.write(f"{order}, enjoyed\n".encode())
        await writer.drain()
    finally:
        guests.discard(task)
        writer.close()


async def main(port: int) -> None:
    """Open, until somebody says that it is time."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, sign_is_turned.set)
    door = await asyncio.start_server(serve, "127.0.0.1", port)
    print("open", flush=True)
    await sign_is_turned.wait()
    await asyncio.sleep(GOING_HOME)  # people who have not seen the sign are still on their way
    door.close()
    if guests:
        await asyncio.wait(guests)


if __name__ == "__main__":
    asyncio.run(main(int(os.environ["BAKERY_PORT"])))
