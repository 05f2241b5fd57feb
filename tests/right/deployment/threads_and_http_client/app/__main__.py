"""Looks at the settings, then serves until a thread says that it is time."""

import os
import re
import signal
import sys
import threading
import time

settings: dict[str, float] = {}
for name, default, last in (
    ("PORT", "8000", 65535),
    ("LLM_TIMEOUT_SECONDS", "30", 1e6),
    ("DRAIN_SECONDS", "5", 1e6),
    ("SHUTDOWN_GRACE_SECONDS", "25", 1e6),
):
    text = os.environ.get(name, default)
    if not re.fullmatch(r"\d+(\.\d+)?", text) or not float(text) <= last:
        sys.exit(f"app: {name}={text} makes no sense")
    settings[name] = float(text)
if not re.match(r"https?://[^/]", os.environ.get("LLM_BASE_URL", "")):
    sys.exit("app: LLM_BASE_URL is needed, such as https://llm.example/v1")
if not os.environ.get("LLM_API_KEY"):
    sys.exit("app: LLM_API_KEY is needed")

import uvicorn  # noqa: E402  (a wrong setting is told before this is paid for)

from app import app, end_streams, leaving, streams  # noqa: E402

server = uvicorn.Server(uvicorn.Config(app, host="0.0.0.0", port=int(settings["PORT"])))


def see_out() -> None:
    time.sleep(settings["DRAIN_SECONDS"])
    server.should_exit = True
    deadline = time.monotonic() + settings["SHUTDOWN_GRACE_SECONDS"]
    while streams and time.monotonic() < deadline:
        time.sleep(0.02)
    end_streams()


def on_signal(number: int, frame: object) -> None:
    if not leaving.is_set():
        leaving.set()
        threading.Thread(target=see_out, daemon=True).start()


server.handle_exit = on_signal  # type: ignore[method-assign]
signal.signal(signal.SIGTERM, on_signal)
server.run()
