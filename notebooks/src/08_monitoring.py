# %% [markdown] id=intro
# # Monitoring: what an app says of itself
#
# Two apps run beside this notebook, each with an LLM of its own: what most people write first, and
# the solution of this lesson. Both count, both log. This notebook asks them things, and then reads
# what they say happened. Before you run a cell, say what it will show.
#
# About ten minutes. The reasons are on the lesson's page, `lessons/08_monitoring/README.md`.

# %% id=start
import json
import time
from concurrent.futures import ThreadPoolExecutor

from prometheus_client.parser import text_string_to_metric_families

from course.notebook import Reply, Usage, events, plot_calls, serve

naive = serve("lessons/08_monitoring/naive.py")
solution = serve("solutions/08_monitoring/app.py")
both = {"naive": naive, "solution": solution}
print(naive.source)


# %% [markdown] id=paths-question
# ## A scanner comes by
#
# Somebody tries 200 paths that do not exist: `/wp-admin`, `/.env`, `/old/17` and so on. Afterwards
# we count the lines of `/metrics`.
#
# **Your guess:** how many lines are new, in each app?


# %% id=paths
def lines_of(app):
    """The lines of GET /metrics."""
    return app.client.get("/metrics").text.splitlines()


for name, app in both.items():
    app.client.get("/wp-admin")
    lines_of(app)  # a scrape counts itself, too
    before = len(lines_of(app))
    for number in range(200):
        app.client.get(f"/old/{number}")
    new = len(lines_of(app)) - before
    print(f"{name:<9} {new:5} new lines")
    assert (new == 0) == (name == "solution")

# %% [markdown] id=stream-question
# Each line is a series that Prometheus keeps. The solution labels with the *route*, and paths
# without a route share one.
#
# ## How long does a stream take?
#
# The LLM speaks three words, with 0.4 seconds between two of them.
#
# **Your guess:** what is the sum of `http_request_duration_seconds`, in each app?


# %% id=stream
def value(app, name, **labels):
    """The sum of all series with that name and these labels."""
    return sum(
        sample.value
        for family in text_string_to_metric_families("\n".join(lines_of(app)) + "\n")
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def ask(app, path="/stream", **headers):
    """One question; its answer, read to the end."""
    headers["Connection"] = "close"
    return app.client.post(path, json={"query": "Name a river."}, headers=headers)


for app in both.values():
    app.llm.always(Reply(chunks=("The", " Rhine", "."), chunk_delay=0.4, usage=Usage(4, 3)))
    ask(app)

seconds = {
    "naive": value(naive, "http_request_duration_seconds_sum", path="/stream"),
    "solution": value(solution, "http_request_duration_seconds_sum", route="/stream"),
}
print({name: round(took, 2) for name, took in seconds.items()})
assert seconds["naive"] < 0.8 <= seconds["solution"]

first = value(solution, "llm_time_to_first_token_seconds_sum")
print("and to the first token:", round(first, 3))

# %% [markdown] id=day-question
# The naive app stopped its clock when the first byte left. Two times are worth knowing: to the
# first token, which is what a reader waits for, and to the end, which is what you pay for.
#
# ## A day with bad moments
#
# Forty questions. Every fifth call fails, every seventh is turned away with 429.
#
# **Your guess:** which outcomes will the solution have counted, and how often each?

# %% id=day


def weather(call):
    if call.number % 5 == 0:
        return Reply(status=500, delay=0.02)
    if call.number % 7 == 0:
        return Reply(status=429, delay=0.02)
    return Reply(model="tiny-2", usage=Usage(100, 20), delay=0.05)


solution.llm.reset()
solution.llm.behave(weather)
before = {
    outcome: value(solution, "llm_requests_total", outcome=outcome)
    for outcome in ("ok", "error", "rate_limited", "timeout", "cancelled")
}
with ThreadPoolExecutor(4) as pool:
    answers = list(pool.map(lambda _: ask(solution, "/query"), range(40)))

counted = {
    outcome: value(solution, "llm_requests_total", outcome=outcome) - earlier
    for outcome, earlier in before.items()
}
print(counted)
assert counted == {"ok": 28, "error": 8, "rate_limited": 4, "timeout": 0, "cancelled": 0}
tokens = {kind: value(solution, "llm_tokens_total", kind=kind) for kind in ("prompt", "completion")}
print(tokens)

# %% id=day-plot
plot_calls({"what the LLM saw (red: failed)": solution.llm.calls})

# %% [markdown] id=leave-question
# ## Somebody leaves
#
# A reader closes the window after the first word of a long stream.
#
# **Your guess:** which outcome is that, and what does the gauge of calls under way say?

# %% id=leave
solution.llm.always(Reply(chunks=("word ",) * 100, chunk_delay=0.1))
with solution.client.stream("POST", "/stream", json={"query": "Tell me all."}) as answer:
    print(next(iter(events(answer))))

deadline = time.monotonic() + 10
while not value(solution, "llm_requests_total", outcome="cancelled"):
    assert time.monotonic() < deadline
    time.sleep(0.02)
print("cancelled:", value(solution, "llm_requests_total", outcome="cancelled"))
print("under way:", value(solution, "llm_requests_in_flight"))
assert value(solution, "llm_requests_in_flight") == 0

# %% [markdown] id=log-question
# `CancelledError` is no `Exception`: a line in `except Exception` would not have been reached.
#
# ## What is in the log?
#
# We ask both apps the same question, with a secret in it and an id.
#
# **Your guess:** how do you find this request in each log, and what else do you find?

# %% id=log
secret = {"query": "My PIN is 1234. Is that safe?"}
for app in both.values():
    app.llm.always(Reply(model="tiny-2"))
    app.client.post("/stream", json=secret, headers={"X-Request-ID": "ticket-42"})

assert solution.wait_for_output("ticket-42")
assert naive.wait_for_output("PIN is 1234")
print(next(line for line in naive.output.splitlines() if "PIN is 1234" in line))
print(next(line for line in solution.output.splitlines() if "ticket-42" in line))
assert "PIN is 1234" not in solution.output

# %% [markdown] id=probe-question
# The naive line has the secret and no id. The solution's line is an object; a machine can ask for
# it:

# %% id=table
log = [json.loads(line) for line in solution.output.splitlines() if line.startswith("{")]
answered = [line for line in log if line.get("route") == "/query"]
slowest = max(answered, key=lambda line: line["duration_ms"])
print(len(answered), "lines of /query, the slowest:", slowest["duration_ms"], "ms")
print({status: sum(line["status"] == status for line in answered) for status in (200, 502, 503)})

# %% [markdown] id=down-question
# ## The LLM is down
#
# **Your guess:** an orchestrator asks `/livez` every few seconds and restarts what does not say
# 200. What does it do with each app?

# %% id=down
for name, app in both.items():
    app.llm.always(Reply(status=503), path="/models")
    print(f"{name:<9} /livez {app.client.get('/livez').status_code}")
print(f"solution  /readyz {solution.client.get('/readyz').status_code}")
assert naive.client.get("/livez").status_code == 500
assert solution.client.get("/livez").status_code == 200
assert solution.client.get("/readyz").status_code == 503

# %% [markdown] id=exercise
# A restart mends no LLM. The solution stays alive and says that it is not ready; when the LLM is
# back, it takes a second.
#
# ## Your turn
#
# You have seen what the exercises ask for: answers counted at their end, calls with an outcome, one
# line for each request, and two probes. As the stretch: several workers, and a trace. In a
# terminal:
#
# ```console
# course start monitoring
# course check monitoring --watch
# ```
#
# `start` copies the starter to `work/08_monitoring/`. To see your own app here, put
# `serve("work/08_monitoring/app.py")` in the place of the solution and run the notebook again.

# %% id=stop
naive.stop()
solution.stop()
