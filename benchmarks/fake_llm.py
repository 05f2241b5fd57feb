"""How fast the fake LLM is beside a minimal Starlette app that gives the same JSON.

Both run in a process of their own and are asked by the same client, in turns, so that a loaded
machine slows both. The result is a ratio. Takes about ten seconds: python benchmarks/fake_llm.py
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

CLI = Path(__file__).resolve().parents[1] / "cli"
ROUNDS = 7
CALLS = 200
CONNECTIONS = 4
BODY = {"model": "gpt-4", "messages": [{"role": "user", "content": "What is a token?"}]}

FAKE = """
import sys
from course.fake_llm import FakeLLM
llm = FakeLLM(port=int(sys.argv[1]), nonce="").start()
sys.stdin.read()
llm.stop()
"""

PEER = """
import json
import sys
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from course.fake_llm import completions

async def answer(request: Request) -> Response:
    body = await request.json()
    prompt = completions.prompt_of(body)
    text = completions.default_answer("", prompt)
    if not body.get("stream"):
        usage = completions.usage_of(prompt, text)
        told = completions.chat_body(1, body["model"], text, "stop", usage)
        return Response(told, media_type="application/json")
    frames = completions.ChatFrames(1, body["model"])

    async def events():
        yield frames.role()
        for chunk in completions.cut_into_chunks(text):
            yield frames.text(chunk)
        yield frames.finish("stop")
        yield completions.DONE

    return StreamingResponse(events(), media_type="text/event-stream")

app = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
uvicorn.run(app, port=int(sys.argv[1]), http="h11", log_level="error", access_log=False)
"""


@contextmanager
def running(program: str) -> Iterator[int]:
    """A server in a process of its own; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(port)],
        stdin=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(CLI)},
    )
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.communicate()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("A server did not start within 20 seconds.")


def call(port: int, body: bytes, calls: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(calls):
        connection.request("POST", "/v1/chat/completions", body)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"A call was answered with {answer.status}.")
    connection.close()


def calls_per_second(port: int, body: bytes) -> float:
    callers = [
        threading.Thread(target=call, args=(port, body, CALLS // CONNECTIONS))
        for _ in range(CONNECTIONS)
    ]
    started = time.perf_counter()
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return CALLS / (time.perf_counter() - started)


def main() -> None:
    peer = f"starlette {version('starlette')} on uvicorn {version('uvicorn')} with h11"
    print(f"{CALLS} calls on {CONNECTIONS} connections, median of {ROUNDS} rounds in turns")
    with running(FAKE) as fake, running(PEER) as other:
        for name, stream in (("in one piece", False), ("streamed", True)):
            body = json.dumps(BODY | {"stream": stream}).encode()
            calls_per_second(fake, body)
            calls_per_second(other, body)
            pairs = [
                (calls_per_second(fake, body), calls_per_second(other, body)) for _ in range(ROUNDS)
            ]
            ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratio = statistics.median(one / two for one, two in pairs)
            print(
                f"{name}: fake LLM {ours:.0f}/s, {peer} {theirs:.0f}/s, "
                f"ratio {ratio:.2f} (higher is faster)"
            )


if __name__ == "__main__":
    main()
