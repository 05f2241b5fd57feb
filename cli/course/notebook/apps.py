"""An app file as a process of its own, beside a fake LLM of its own; both end with the notebook."""

import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import httpx

from course.fake_llm import FakeLLM
from course.grading.app_process import environment_for_apps
from course.grading.sse import Event, EventParser
from course.workspace import content_root

CHILD = Path(__file__).with_name("child.py")
API_KEY = "the-key-of-the-notebook"


class AppDidNotStart(Exception):
    """The app ended before it served; the message is what it printed."""


class Served:
    """A running app: `url`, a `client` for it, the `llm` that it calls, and its `output`.

    It ends with `stop()`, at the end of a `with` block, when its name is used for something else,
    and with the kernel.
    """

    def __init__(self, path: Path, **settings: str) -> None:
        self.path = path
        self.llm = FakeLLM(api_key=API_KEY).start()
        self._folder = tempfile.TemporaryDirectory(prefix="course-notebook-")
        self._output = Path(self._folder.name) / "output.txt"
        home = Path(self._folder.name)
        environment = environment_for_apps(home, self.llm.base_url, API_KEY, settings)
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(CHILD), str(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                cwd=path.parent,
                env=environment,
                start_new_session=True,  # or "interrupt kernel" would interrupt the app as well
            )
        self.client = httpx.Client(
            trust_env=False,  # proxies are not for 127.0.0.1
            limits=httpx.Limits(max_keepalive_connections=0),  # uvicorn closes after an exception
            timeout=30,
        )
        self._end = weakref.finalize(self, _end, self._process, self.llm, self.client, self._folder)
        self.url = f"http://127.0.0.1:{self._port()}"
        self.client.base_url = self.url

    def _port(self) -> int:
        """The port, once the app serves."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            output = self.output
            self.stop()
            raise AppDidNotStart(f"{self.path.name} did not start. It printed:\n{output}")
        return int(line)

    @property
    def output(self) -> str:
        """What the app has printed, tracebacks included; to be read before it is stopped."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def wait_for_output(self, text: str, within: float = 5.0) -> bool:
        """Wait until the app has printed `text`; an answer may come before the log has why."""
        deadline = time.monotonic() + within
        while text not in self.output:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    @property
    def source(self) -> str:
        """The text of the app's file."""
        return self.path.read_text(encoding="utf-8")

    def stop(self) -> None:
        """End the app and its LLM; what the LLM heard can still be read."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<{self.path.parent.name}/{self.path.name} at {self.url}>"


def _end(
    process: subprocess.Popen[bytes],
    llm: FakeLLM,
    client: httpx.Client,
    folder: tempfile.TemporaryDirectory[str],
) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    client.close()
    llm.stop()
    folder.cleanup()


def serve(file: str, **settings: str) -> Served:
    """Start an app file such as `lessons/01_basic/naive.py`; `settings` are environment variables.

    It is looked for in the course, then in the current folder and those above it, so that
    `work/01_basic/app.py` is your app wherever the notebook lies.
    """
    return Served(find(file), **settings)


def find(path: str) -> Path:
    """Where a file or folder is: in the course, in the current folder, or above that."""
    here = Path.cwd()
    for folder in (content_root(), here, *here.parents):
        if (folder / path).exists():
            return (folder / path).resolve()
    raise FileNotFoundError(f"There is no {path} in the course, in {here} or above it.")


def events(answer: httpx.Response) -> Iterator[Event]:
    """The server-sent events of a streamed answer as they come, read as a browser reads them."""
    parser = EventParser()
    for received in answer.iter_bytes():
        yield from parser.feed(received)
