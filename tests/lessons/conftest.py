"""What the tests of the lessons' naive versions and examples share."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import uvicorn

from course.fake_llm import FakeLLM


@pytest.fixture
def llm(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLLM]:
    """The LLM that the environment names."""
    with FakeLLM(api_key="test-key") as server:
        monkeypatch.setenv("LLM_BASE_URL", server.base_url)
        monkeypatch.setenv("LLM_API_KEY", "test-key")
        yield server


@pytest.fixture
def serve(llm: FakeLLM) -> Iterator[Callable[[object], str]]:
    """Serve an app from a thread; its URL. What it waits for ends with the test."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: object) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1)  # type: ignore[arg-type]
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    llm.reset()
    for server, thread in running:
        server.should_exit = True
        thread.join(5)
