"""The files of a new lesson: `$slug`, `$folder` and `$title` are filled in."""

MANIFEST = """\
[[lessons]]
slug = "$slug"
folder = "$folder"
title = $quoted_title
needs = []

[[lessons.exercises]]
slug = "greeting"
title = "the caller is greeted by name"
stretch = false
hints = [
  "TODO: a question that leads there.",
  "TODO: where to look.",
  "TODO: nearly the answer.",
]
"""

PAGE = """\
# $title

TODO: one paragraph that promises what can be done after this lesson.

## The naive version

TODO: what most people write first, and what it really does today.

<!-- excerpt: lessons/$folder/naive.py#greet -->

## What is going wrong

TODO: why, in the words of the field.

## Step by step

### Use what was sent

TODO: one idea, on an example smaller than the exercise.

## Exercises

<!-- exercises -->
<!-- /exercises -->

## Check yourself

```console
course check $slug --watch
```

## In production

TODO: what the lesson left out, and where it bites.

## Stretch

TODO: what to try next, not graded.

## Further reading

- TODO: names of the documents.
"""

NAIVE = '''\
"""Greets the world, whoever asks."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/greeting/{name}")
async def greet(name: str) -> dict[str, str]:
    return {"greeting": "Hello, world!"}
'''

STARTER = '''\
"""A greeting for everyone."""

from fastapi import FastAPI

app = FastAPI(title="LLM API")


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers."""
    return {"status": "ok"}


@app.get("/greeting/{name}")
async def greet(name: str) -> dict[str, str]:
    """Greet the caller."""
    # TODO(greeting): greet them by their name.
    return {"greeting": "Hello, world!"}
'''

SOLUTION = STARTER.replace("    # TODO(greeting): greet them by their name.\n", "").replace(
    '"Hello, world!"', 'f"Hello, {name}!"'
)

SUITE = '''\
"""Lesson $slug: a greeting."""

import pytest
from course.grading.suite import App

greeting = pytest.mark.exercise(
    "greeting", look="use-what-was-sent", idea="Which part of the request says who is asking?"
)


@greeting
def test_the_caller_is_greeted_by_name(app: App) -> None:
    response = app.get("/greeting/Ada")
    assert response.text == '{"greeting":"Hello, Ada!"}', (
        f"We asked for a greeting for Ada. Your app answered {response.text!r}."
    )
'''

WRONG = '''\
"""MISCONCEPTION"""

CAUGHT_BY = ("test_the_caller_is_greeted_by_name",)


@app.get("/greeting/{name}")
async def greet(name: str) -> dict[str, str]:
    return ANSWER
'''

RIGHT_STARLETTE = '''\
"""No FastAPI: the route and the JSON by hand."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def health(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def greet(request: Request) -> JSONResponse:
    return JSONResponse({"greeting": f"Hello, {request.path_params['name']}!"})


app = Starlette(routes=[Route("/health", health), Route("/greeting/{name}", greet)])
'''

RIGHT_MODEL = '''\
"""A model for the answer, and handlers that run in threads."""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Greeting(BaseModel):
    greeting: str


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/greeting/{name}")
def greet(name: str) -> Greeting:
    return Greeting(greeting=f"Hello, {name}!")
'''

NAIVE_TEST = '''\
"""What lesson $slug says about its naive version, on the libraries installed today."""

import runpy
from pathlib import Path

from fastapi.testclient import TestClient

NAIVE = Path(__file__).parents[2] / "lessons" / "$folder" / "naive.py"


def test_everybody_is_the_world() -> None:
    client = TestClient(runpy.run_path(str(NAIVE))["app"])
    assert client.get("/greeting/Ada").json() == {"greeting": "Hello, world!"}
'''

NOTEBOOK = """\
# %% [markdown] id=intro
# # $title
#
# TODO: what this walkthrough shows.
"""


def _wrong(misconception: str, answer: str) -> str:
    return WRONG.replace("MISCONCEPTION", misconception).replace("ANSWER", answer)


FILES = {
    "lessons/$folder/README.md": PAGE,
    "lessons/$folder/naive.py": NAIVE,
    "starter/$folder/app.py": STARTER,
    "solutions/$folder/app.py": SOLUTION,
    "tests/suites/$slug/test_$slug.py": SUITE,
    "tests/wrong/$slug/greets_nobody.py": _wrong("Leaves the name out.", '{"greeting": "Hello!"}'),
    "tests/wrong/$slug/shouts.py": _wrong(
        "Changes the name.", '{"greeting": f"Hello, {name.upper()}!"}'
    ),
    "tests/wrong/$slug/calls_the_greeting_a_message.py": _wrong(
        "Names the field after itself.", '{"message": f"Hello, {name}!"}'
    ),
    "tests/right/$slug/plain_starlette/app.py": RIGHT_STARLETTE,
    "tests/right/$slug/threads_and_a_model/app.py": RIGHT_MODEL,
    "tests/lessons/test_naive_$slug.py": NAIVE_TEST,
    "notebooks/src/$folder.py": NOTEBOOK,
}
