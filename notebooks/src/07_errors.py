# %% [markdown] id=intro
# # Errors: a bad day, twice
#
# Two apps run beside this notebook, each with an LLM of its own: what most people write first, and
# the solution of this lesson. Then the day goes wrong: the LLM refuses, is busy, dies; callers
# leave, and come in crowds. Before you run a cell, say what it will show.
#
# About ten minutes. The reasons are on the lesson's page, `lessons/07_errors/README.md`.

# %% id=start
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

from course.notebook import Gate, Reply, plot_calls, serve

KEYS = '{"key": "ada"}'


def start_solution(**settings):
    return serve("solutions/07_errors/app.py", API_KEYS=KEYS, **settings)


naive, solution = serve("lessons/07_errors/naive.py"), start_solution()
both = {"naive.py": naive, "the solution": solution}
print(naive.source)

# %% [markdown] id=shapes-question
# ## Who writes the answers?
#
# Five ways to get no answer. The LLM is well, but for the last one, which it refuses with 400.
#
# **Your guess:** how many shapes does each app have? And what of it would you rather not read in a
# screenshot?


# %% id=shapes
def send(app, method="POST", path="/query", body=None):
    """One request, on a connection of its own."""
    headers = {"Authorization": "Bearer key", "Connection": "close"}
    return app.client.request(method, path, json=body, headers=headers)


def ask(app, text="Why is the sky blue?"):
    """One question."""
    return send(app, body={"query": text})


for name, app in both.items():
    app.llm.when("forbidden", Reply(status=400))
    answers = [
        send(app, "GET", "/nowhere"),
        send(app, "GET", "/query"),
        send(app, "GET", "/debug/crash"),
        send(app, body={"query": ["my password"]}),
        ask(app, "Something forbidden?"),
    ]
    print(name)
    for answer in answers:
        kind = answer.headers["Content-Type"].partition(";")[0]
        print(f"  {answer.status_code}  {kind:<26} {answer.text[:110]}")
    print("  calls of the LLM:", len(app.llm.calls))

assert all("request_id" in answer.json() for answer in answers)
assert (len(naive.llm.calls), len(solution.llm.calls)) == (3, 1)

# %% [markdown] id=shapes-reveal
# Three shapes against one. The naive 422 has the password in it, the naive 500 the LLM's address.
# And the refused question was asked three times, as if the LLM could change its mind.
#
# ## All at once, and again
#
# The LLM is overloaded for a moment: twelve questions get a 503. Both apps try again.
#
# **Your guess:** when does the LLM hear them the second time?

# %% id=again
for app in both.values():
    app.llm.reset()
    seen = set()

    def busy_at_first(call, seen=seen):
        first = call.prompt not in seen
        seen.add(call.prompt)
        return Reply(status=503 if first else 200, delay=0.02)

    app.llm.behave(busy_at_first)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n, app=app: ask(app, f"Question {n}?"), range(12)))
    assert [answer.status_code for answer in answers] == [200] * 12

plot_calls({name: app.llm.calls for name, app in both.items()})

# %% [markdown] id=again-reveal
# The naive app comes back as one wave, a second later: whatever was too much then is too much
# again. The solution's waits are drawn by lot, and the second wave is none.
#
# ## The LLM dies
#
# It answers four questions, and then fails every call. Eight people ask at the same time, and when
# they have gone, twenty-four more.
#
# **Your guess:** how many calls does it get from each app, and how long does the last one wait?

# %% id=dead
for name, app in both.items():
    app.llm.reset()
    app.llm.behave(
        lambda call: Reply(delay=0.4) if call.number <= 4 else Reply(delay=0.02, status=500)
    )
    answers = []
    with ThreadPoolExecutor(24) as pool:
        for people in (4, 8, 24):
            answers += pool.map(lambda n, app=app: ask(app, f"Question {n}?"), range(people))
    last = answers[-1]
    statuses = dict(Counter(answer.status_code for answer in answers))
    print(f"{name:<13} {len(app.llm.calls)} calls, the last one waited {last.elapsed}: {statuses}")

assert len(naive.llm.calls) == 4 + 3 * (8 + 24)
assert len(solution.llm.calls) <= 4 + 3 * 8
assert last.status_code == 503
print(last.headers["Retry-After"], last.json())

# %% id=dead-plot
plot_calls({name: app.llm.calls for name, app in both.items()})

# %% [markdown] id=dead-reveal
# Five failures, and the breaker is open: from then on the solution says so at once, without a
# call. For thirty seconds; so from here on it is a new process.
#
# ## Nobody is listening
#
# A question is with the LLM, and its caller closes the window.
#
# **Your guess:** what does the LLM do?

# %% id=leaves
solution.stop()
solution = start_solution(MAX_IN_FLIGHT="4")
both["the solution"] = solution

for name, app in both.items():
    app.llm.reset()
    gate = Gate()
    app.llm.script(Reply(gate=gate))
    caller = HTTPConnection(app.client.base_url.netloc.decode())
    headers = {"Authorization": "Bearer key", "Content-Type": "application/json"}
    caller.request("POST", "/query", '{"query": "Tell me a long story."}', headers)
    app.llm.wait_for_calls(1, 5)
    caller.close()
    noticed = app.llm.wait_for(lambda app=app: app.llm.calls[0].aborted, 1.5)
    print(f"{name:<13} the LLM {'has stopped' if noticed else 'works on for nobody'}")
    assert noticed == (app is solution)
    gate.open()

# %% [markdown] id=crowd-question
# ## A crowd
#
# Twelve come at the same time, and the LLM takes half a second for each. The solution has four
# places (MAX_IN_FLIGHT), the naive app has no such number.
#
# **Your guess:** how many answers are there, and how soon do the others know?

# %% id=crowd
for name, app in both.items():
    app.llm.reset()
    app.llm.always(Reply(delay=0.5))

    def timed(number, app=app):
        begin = time.perf_counter()
        status = ask(app, f"Question {number}?").status_code
        return status, time.perf_counter() - begin

    with ThreadPoolExecutor(12) as pool:
        results = sorted(pool.map(timed, range(12)))
    print(name, app.llm.peak_in_flight, "at once:", *(f"{s} in {t:.2f} s" for s, t in results))

assert solution.llm.peak_in_flight == 4
assert [status for status, _ in results].count(503) == 8

# %% id=crowd-plot
plot_calls({name: app.llm.calls for name, app in both.items()})

# %% [markdown] id=exercise
# Four people got what they came for, and eight were told at once. With twelve it looks unkind; with
# twelve hundred it is the difference between a slow service and none.
#
# ## Your turn
#
# You have seen most of the exercises. In a terminal:
#
# ```console
# course start errors
# course check errors --watch
# ```
#
# `start` copies the starter to `work/07_errors/`. To see your own app here, put
# `serve("work/07_errors/app.py", ...)` in the place of the solution and run the notebook again.

# %% id=stop
naive.stop()
solution.stop()
