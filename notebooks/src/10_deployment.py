# %% [markdown] id=intro
# # Deployment: two ways to leave
#
# SIGTERM comes to every service, every day: a new version, an emptied node. This notebook starts
# apps as a container would, what most people deploy first and the solution of this lesson, and
# sends it to them while somebody reads a stream. Before you run a cell, say what it will show.
#
# About ten minutes. The reasons are on the lesson's page, `lessons/10_deployment/README.md`.

# %% id=start
import subprocess
import sys
import threading
import time

import httpx

from course.notebook import Gate, Mark, Reply, events, find, plot_marks, start, start_in_shell

NAIVE = "uvicorn naive:app --host 127.0.0.1 --port PORT"
shell = start_in_shell(NAIVE, "lessons/10_deployment")


class Reader(threading.Thread):
    """Reads a stream, whose second word the LLM holds back until `gate` is opened."""

    def __init__(self, app):
        super().__init__(daemon=True)
        self.url, self.seen, self.gate = f"{app.url}/stream", [], Gate(1)
        app.llm.script(Reply(chunks=("Deep ", "blue."), gate=self.gate))
        self.began = self.ended = time.monotonic()
        self.start()
        while not self.seen:
            time.sleep(0.01)

    def run(self):
        body = {"query": "Why is the sea blue?"}
        try:
            with httpx.stream("POST", self.url, json=body, timeout=30, trust_env=False) as answer:
                for event in events(answer):
                    self.seen.append(event.event)
        except httpx.RemoteProtocolError:
            self.seen.append("(the connection broke)")
        self.ended = time.monotonic()


# %% [markdown] id=shell-question
# ## Who gets the signal?
#
# `CMD uvicorn naive:app` in a Dockerfile is short for `sh -c "uvicorn naive:app"`. That runs
# already; now we send SIGTERM to the process that we started.
#
# **Your guess:** what has ended a second later? (In a container the shell would be process number
# 1, for which the kernel drops a signal without a handler. Then nothing has ended at all.)

# %% id=shell
shell.sigterm()
print("the shell's exit code:", shell.exit_code())
time.sleep(1)
print("the app's answer:", shell.ask("/health") or "none")
shell.stop()

# %% [markdown] id=leave-question
# The shell has ended, and uvicorn serves on, unless your `sh` is one that puts the command into its
# own place. In brackets, `CMD ["uvicorn", ...]`, there is no shell, and the signal arrives.
#
# ## And then?
#
# A stream is open. SIGTERM comes. For another second or two new requests are sent here, because
# nobody has told the others yet. We ask ten times a second, as they would. After two seconds the
# LLM says its second word.
#
# **Your guess:** what do those who ask get from each app, and when does each end? The solution has
# `DRAIN_SECONDS=2.5`.

# %% id=leave
apps = {
    "uvicorn": start(NAIVE, "lessons/10_deployment"),
    "the solution": start("python -m app", "solutions/10_deployment", DRAIN_SECONDS="2.5"),
}
readers = {}
for name, app in apps.items():
    readers[name] = Reader(app)
    asking = app.keep_asking("/health" if name == "uvicorn" else "/readyz", seconds=2.6)
    time.sleep(0.4)
    app.sigterm()
    time.sleep(2)
    readers[name].gate.open()
    readers[name].join()
    print(f"{name:<13} the reader saw {readers[name].seen}, exit code {app.exit_code()}")
    asking.join()

assert readers["the solution"].seen[-1] == "done"
assert apps["the solution"].exit_code() == 0

# %% id=leave-plot
marks = {}
for name, app in apps.items():
    closed = sum(mark.kind == "no connection" for mark in app.asked)
    stream = Mark("stream", "200", readers[name].began, readers[name].ended)
    title = f"{name}: {closed} of {len(app.asked)} requests found the door closed"
    marks[title] = [*app.asked, stream]

plot_marks(
    marks,
    {"200": "good", "503": "fair", "no connection": "bad"},
    zero=[app.told_at for app in apps.values()],
    event="SIGTERM",
)

# %% [markdown] id=leave-reveal
# Both streams came to their end. But uvicorn closed its door at once, and all who asked in the
# meantime, for nothing but a moment of bad luck, were refused. The solution said 503 at `/readyz`,
# for those who decide where requests go, and *went on answering everything else*.
#
# The exit codes differ, too: -15 is "ended by SIGTERM", which an orchestrator may take for a crash.
#
# ## A stream that does not end
#
# Now the LLM never says its second word. uvicorn has a limit for that,
# `--timeout-graceful-shutdown`, and the solution has `SHUTDOWN_GRACE_SECONDS`; both are one second.
#
# **Your guess:** what does the reader see of each?

# %% id=cut
for app in apps.values():
    app.stop()

apps = {
    "uvicorn": start(f"{NAIVE} --timeout-graceful-shutdown 1", "lessons/10_deployment"),
    "the solution": start(
        "python -m app",
        "solutions/10_deployment",
        DRAIN_SECONDS="0.2",
        SHUTDOWN_GRACE_SECONDS="1",
    ),
}
for name, app in apps.items():
    reader = Reader(app)
    app.sigterm()
    reader.join()
    print(f"{name:<13} {reader.seen}, {reader.ended - app.told_at:.1f} s after SIGTERM")

assert reader.seen == ["message", "error"]

# %% [markdown] id=config-question
# A connection that breaks is also what a bad network looks like. An `error` event is a sentence.
#
# ## A setting is missing
#
# **Your guess:** the app is started without its key, and with `PORT=http`. How many lines does
# each mistake take?

# %% id=config
for settings in ({}, {"LLM_API_KEY": "key", "PORT": "http"}):
    environment = {"LLM_BASE_URL": "http://llm.test/v1", **settings}
    ended = subprocess.run(
        [sys.executable, "-m", "app"],
        cwd=find("solutions/10_deployment"),
        env=environment,
        capture_output=True,
        text=True,
    )
    print(f"exit code {ended.returncode}: {ended.stderr}", end="")
    assert ended.stderr.count("\n") == 1

# %% [markdown] id=exercise
# ## Your turn
#
# That was `drain` and `config`. The other three exercises are files: an image, manifests and a
# pipeline, judged by the tools that judge them elsewhere. In a terminal:
#
# ```console
# course start deployment
# course check deployment --watch
# ```
#
# `start` copies the starter to `work/10_deployment/`. To see your own app here, put
# `start("python -m app", "work/10_deployment")` in the place of the solution and run the notebook
# again.

# %% id=stop
for app in apps.values():
    app.stop()
