"""A course of one lesson with two exercises, and a runner that grades it by reading."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from course.dev.sync import sync_pages
from course.grading.grader import ColdRunner, Runner, grade
from course.grading.job import Job
from course.grading.verdict import Verdict
from course.workspace import Workspace

HELLO = "tests/suites/hello/test_hello.py"
STARTER = "starter/01_hello/app.py"
SOLUTION = "solutions/01_hello/app.py"
PAGE = "lessons/01_hello/README.md"
WRONG = "tests/wrong/hello"

APP = '''\
"""Greets and sees off."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/greeting/{name}")
async def greet(name: str) -> dict[str, str]:
    return {"text": f"Hello, {name}!"}


@app.get("/farewell/{name}")
async def see_off(name: str) -> dict[str, str]:
    return {"text": f"Goodbye, {name}!"}
'''
SUITE = '''\
"""Lesson hello."""

import pytest
from course.grading.suite import App

greeting = pytest.mark.exercise("greeting", look="use-the-name", idea="Who is asking?")


@greeting
def test_the_caller_is_greeted(app: App) -> None:
    answer = app.get("/greeting/Ada").json()["text"]
    assert answer == "Hello, Ada!", f"Ada was greeted with {answer!r}."


@pytest.mark.exercise("farewell", look="use-the-name", idea="Who is leaving?")
@pytest.mark.parametrize("name", ["Ada", "Bo"])
def test_the_caller_is_seen_off(app: App, name: str) -> None:
    answer = app.get(f"/farewell/{name}").json()["text"]
    assert answer == f"Goodbye, {name}!", f"{name} was seen off with {answer!r}."
'''
MANIFEST = """\
format_version = 1

[[lessons]]
slug = "hello"
folder = "01_hello"
title = "Hello"
needs = []

[[lessons.exercises]]
slug = "greeting"
title = "the caller is greeted by name"
stretch = false
hints = ["Who is asking?", "Look at the path.", "An f-string holds it: `course check hello`."]

[[lessons.exercises]]
slug = "farewell"
title = "the caller is seen off by name"
stretch = true
hints = ["Who is leaving?", "Look at the path.", "An f-string."]
"""
LESSON = """\
# Hello

After this page you can greet people.

## The naive version

<!-- excerpt: lessons/01_hello/naive.py#greet -->

## What is going wrong

Everybody is the world.

## Step by step

### Use the name

It is in the path; see [the course](../../README.md#lessons).

<!-- excerpt: solutions/01_hello/app.py#health -->

## Exercises

<!-- exercises -->
<!-- /exercises -->

## Check yourself

```console
course check hello --watch
```

## In production

Names are data.

## Stretch

See people off.

## Further reading

- RFC 9110
"""
README = """\
# A tiny course

## Lessons

<!-- lessons -->
<!-- /lessons -->

Start with `./course check hello`.
"""


def wrong(name: str, text: str, *caught_by: str) -> str:
    """A wrong app that replaces the route `name`."""
    route = {"greet": "greeting", "see_off": "farewell"}[name]
    return f'''\
"""Answers {text}."""

CAUGHT_BY = {caught_by!r}


@app.get("/{route}/{{name}}")
async def {name}(name: str) -> dict[str, str]:
    return {{"text": {text}}}
'''


GREETED, SEEN_OFF = "test_the_caller_is_greeted", "test_the_caller_is_seen_off"
FILES = {
    "README.md": README,
    "course.toml": MANIFEST,
    PAGE: LESSON,
    "lessons/01_hello/naive.py": 'def greet() -> str:\n    return "Hello, world!"\n',
    "tests/lessons/test_naive_hello.py": "",
    "notebooks/src/01_hello.py": "",
    STARTER: APP.replace(
        '    return {"text": f"Hello, {name}!"}',
        '    # TODO(greeting): by their name.\n    return {"text": "Hello, world!"}',
    ).replace(
        '    return {"text": f"Goodbye, {name}!"}',
        '    # TODO(farewell): by their name.\n    return {"text": "Goodbye, world!"}',
    ),
    SOLUTION: APP,
    HELLO: SUITE,
    f"{WRONG}/greets_nobody.py": wrong("greet", '"Hello!"', GREETED),
    f"{WRONG}/greets_everybody.py": wrong("greet", '"Hello, all!"', GREETED),
    f"{WRONG}/greets_quietly.py": wrong("greet", 'f"hello, {name}"', GREETED),
    f"{WRONG}/sees_off_nobody.py": wrong("see_off", '"Goodbye!"', SEEN_OFF),
    f"{WRONG}/sees_off_everybody.py": wrong("see_off", '"Goodbye, all!"', SEEN_OFF),
    f"{WRONG}/sees_off_ada_only.py": wrong("see_off", '"Goodbye, Ada!"', f"{SEEN_OFF}[Bo]"),
    "tests/right/hello/with_threads/app.py": APP.replace("async def", "def"),
    "tests/right/hello/without_farewell/app.py": "# without: farewell\n"
    + APP.partition('\n\n@app.get("/farewell')[0],
}


def write_course(root: Path) -> Workspace:
    """The tiny course in a folder; nothing in it is to be corrected."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    workspace = Workspace(root, root / "work")
    sync_pages(workspace, workspace.course())
    return workspace


def grade_hello(root: Path, app: str, suite: str, runner: Runner | None = None) -> Verdict:
    """The verdict of that suite on that app, as work in a folder."""
    work = "work/01_hello"
    for name, text in (("course.toml", MANIFEST), (HELLO, suite), (f"{work}/app.py", app)):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    workspace = Workspace(root, root / "work")
    (lesson,) = workspace.course().lessons
    return grade(
        lesson,
        root / work,
        workspace.suite(lesson),
        target="work",
        page="PAGE.md",
        runner=runner or ColdRunner(),
    )


class FakeRunner:
    """Judges the text of app.py; remembers how often it was asked.

    Comments in the app change what it says: `# never starts`, `# upsets the suite`, `# says: ...`
    for another message, and `# says: bare ...` for one without the place to look at.
    """

    jobs = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to end."""

    def run(self, job: Job) -> Iterator[dict[str, Any]]:
        FakeRunner.jobs += 1
        source = (Path(job.folder) / "app.py").read_text(encoding="utf-8")
        if "# never starts" in source:
            yield {"kind": "not started", "message": "The app ended before it served."}
        else:
            yield from self._tests(source, job)
        yield {"kind": "end"}

    def _tests(self, source: str, job: Job) -> Iterator[dict[str, Any]]:
        all_seen_off = "Goodbye, {name}!" in source
        right = {
            ("greeting", GREETED): 'f"Hello, {name}!"' in source,
            ("farewell", f"{SEEN_OFF}[Ada]"): all_seen_off or "Goodbye, Ada!" in source,
            ("farewell", f"{SEEN_OFF}[Bo]"): all_seen_off,
        }
        said = source.partition("# says: ")[2].partition("\n")[0] or "The answer was another one."
        message = said.removeprefix("bare ")
        if message == said:
            message += f"\nWho?  {job.page}#use-the-name"
        wrong = "error" if "# upsets" in source else "failed"
        for place, ((exercise, name), passed) in enumerate(right.items()):
            yield {
                "kind": "test",
                "place": place,
                "name": name,
                "exercise": exercise,
                "outcome": "passed" if passed else wrong,
                "message": "" if passed else message,
                "evidence": None,
                "printed": "",
                "duration_ms": 1.0,
            }

    def cancel(self) -> None:
        """Nothing to end."""
