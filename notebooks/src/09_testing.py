# %% [markdown] id=intro
# # Testing: four green tests, ten mistakes
#
# Two apps run beside this notebook, each with an LLM of its own: one with ten mistakes in it, and
# the solution of this lesson. First you look for the mistakes yourself, by hand. Then two files of
# tests look for them. Before you run a cell, say what it will show.
#
# About ten minutes. The reasons are on the lesson's page, `lessons/09_testing/README.md`.

# %% id=start
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import respx

from course.grading.job import learners_settings
from course.notebook import Reply, plot_calls, serve
from course.workspace import content_root

KEYS = '{"alice-token": "alice", "bob-token": "bob"}'
wrong = serve("lessons/09_testing/examples/ten_mistakes.py", API_KEYS=KEYS)
right = serve("solutions/09_testing/app.py", API_KEYS=KEYS)
undocumented = serve("starter/09_testing/app.py", API_KEYS=KEYS)

# %% [markdown] id=by-hand-question
# ## By hand
#
# Both apps answer a good question with 200. **Your guess:** which of these requests tell them
# apart?

# %% id=by-hand
asked = {
    "a good question": ("alice-token", {"query": "Why is the sky blue?"}, Reply()),
    "an unknown token": ("mallory-token", {"query": "Why is the sky blue?"}, Reply()),
    "a blank question": ("alice-token", {"query": "  "}, Reply()),
    "a failing LLM": ("alice-token", {"query": "Why?"}, Reply(status=500, message="key sk-1")),
    "a busy LLM": ("alice-token", {"query": "Why?"}, Reply(status=429, retry_after=7)),
}


def ask(app, token, body, reply):
    """The answer of an app, and what its LLM heard."""
    app.llm.always(replace(reply, delay=0.2))  # long enough to be seen below
    before = len(app.llm.calls)
    answer = app.client.post("/query", json=body, headers={"Authorization": f"Bearer {token}"})
    return answer, app.llm.calls[before:]


for what, request in asked.items():
    print(what)
    for name, app in (("ten mistakes", wrong), ("the solution", right)):
        answer, calls = ask(app, *request)
        print(f"   {name:<13} {answer.status_code}  calls: {len(calls)}  {answer.text[:60]}")

assert ask(wrong, *asked["an unknown token"])[0].status_code == 200
assert ask(right, *asked["an unknown token"])[0].status_code == 401

# %% [markdown] id=heard-question
# Five questions and five differences, if you count the text of the last two. The rest cannot be
# seen from there: the caller gets a 200 and a good answer. **Where would you look?**

# %% id=heard
body = {"query": "Name a river.", "temperature": 0.2}
for name, app in (("ten mistakes", wrong), ("the solution", right)):
    answer, (call,) = ask(app, "bob-token", body, Reply(text="The Rhine."))
    heard = call.body
    print(name, "->", answer.json())
    print("   prompt", repr(call.prompt))
    print("   temperature", heard["temperature"], " user", heard.get("user"))

# %% id=heard-plot
plot_calls({"an app with ten mistakes": wrong.llm.calls, "the solution": right.llm.calls})

# %% [markdown] id=naive-question
# The one LLM had more calls than the other: unknown callers and blank questions are paid for.
#
# ## Two files of tests
#
# `naive.py` has four tests, the solution's `test_app.py` has eighteen. We run both beside both
# apps, each time in a process of its own.
#
# **Your guess:** how many of the four fail on the app with ten mistakes?


# %% id=tests
course = content_root()
settings = learners_settings(course / "tests/suites/testing/test_testing.py")
alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # whatever else is installed


def run_tests(tests, app):
    """pytest's last lines for a file of tests beside an app."""
    with TemporaryDirectory() as home:
        folder = Path(home) / "app"
        shutil.copytree(course / "solutions/09_testing", folder)
        shutil.copy(course / app, folder / "app.py")
        shutil.copy(course / tests, folder / "test_these.py")
        command = [sys.executable, "-P", "-m", "pytest", "-q", "-rf", "--tb=no", "test_these.py"]
        ended = subprocess.run(
            [*command, "-p", "no:cacheprovider", "-W", "ignore"],
            cwd=folder,
            env={**os.environ, **settings, **alone, "PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
        )
    lines = ended.stdout.splitlines()
    return [line.partition(" - ")[0] for line in lines if line.startswith("FAILED")] + lines[-1:]


naive, mistakes = "lessons/09_testing/naive.py", "lessons/09_testing/examples/ten_mistakes.py"
print("naive.py beside the solution:    ", run_tests(naive, "solutions/09_testing/app.py")[-1])

# %% id=tests-mistakes
found = run_tests(naive, mistakes)
print("naive.py beside the ten mistakes:", found[-1])
assert "failed" not in found[-1]

# %% [markdown] id=tests-reveal
# None. The only test that asks a question has replaced the function in which most mistakes are.
# And the others?

# %% id=tests-solution
own = "solutions/09_testing/test_app.py"
print("beside the solution:", run_tests(own, "solutions/09_testing/app.py")[-1])

# %% id=tests-found
found = run_tests(own, mistakes)
print(*(f"   {line}" for line in found), sep="\n")
assert "11 failed" in found[-1]

# %% [markdown] id=mock-question
# ## The mock
#
# `respx` stands where bytes would leave the process. **Your guess:** what does the second request
# do, for which there is no route?

# %% id=mock
with respx.mock(assert_all_called=False) as network:
    route = network.post("http://llm.test/v1/chat/completions")
    route.respond(429, headers={"Retry-After": "7"})
    answer = httpx.post("http://llm.test/v1/chat/completions", json={"model": "gpt-4"})
    print(answer.status_code, answer.headers["Retry-After"], "calls:", route.call_count)
    print("heard:", route.calls.last.request.content.decode())
    try:
        httpx.get("http://example.com")
    except AssertionError as refused:
        print("refused:", type(refused).__name__)

# %% [markdown] id=schema-question
# ## The schema
#
# The third app is the starter: it behaves as the solution does, and says nothing. **Your guess:**
# what does its schema know of `POST /query`, without anybody's help?

# %% id=schema
for name, app in (("the starter", undocumented), ("the solution", right)):
    document = app.client.get("/openapi.json").json()
    operation = document["paths"]["/query"]["post"]
    print(name)
    print("   description:", operation.get("description"))
    print("   answers:    ", ", ".join(operation["responses"]))
    print("   token:      ", operation.get("security", "nobody is asked for one"))
    model = document["components"]["schemas"]["QueryRequest"]
    print("   example:    ", model["properties"]["query"].get("examples"))

# %% [markdown] id=exercise
# ## Your turn
#
# Tests that hold for every right app and find ten wrong ones; no network, no order, no leftovers;
# and a schema that says it all. In a terminal:
#
# ```console
# course start testing
# course check testing --watch
# ```
#
# `start` copies the starter to `work/09_testing/`.

# %% id=stop
for app in (wrong, right, undocumented):
    app.stop()
