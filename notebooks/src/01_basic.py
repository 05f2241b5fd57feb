# %% [markdown] id=intro
# # Basic API structure: what the first version does
#
# Two apps run beside this notebook, each with an LLM of its own that does what we tell it. Both
# have one route, `POST /query`. One is the version most people write first, the other is the
# solution of this lesson. You send them the same requests. Before you run a cell, say what it will
# print.
#
# About ten minutes. The reasons are on the lesson's page, `lessons/01_basic/README.md`.

# %% id=start
from course.notebook import Reply, Usage, plot_calls, serve

naive = serve("lessons/01_basic/naive.py")
print(naive.source)

# %% [markdown] id=believe-question
# ## A sensible question
#
# We tell the LLM what to answer: two words, by a model called `gpt-4-0613`, for 14 + 4 tokens.
#
# **Your guess:** which model and how many tokens does the app report? Read its last two lines
# again.

# %% id=believe-naive
told = Reply("Rayleigh scattering.", model="gpt-4-0613", usage=Usage(14, 4))
question = {"query": "Why is the sky blue?"}

naive.llm.script(told)
answer = naive.client.post("/query", json=question).json()
print(answer)
assert (answer["model"], answer["tokens_used"]) == ("gpt-4", 2)

# %% [markdown] id=believe-reveal
# The model is the one that was *asked for*, and the tokens are words of the answer. The LLM said
# both, and nobody listened. If you bill by these numbers, you lose 16 of 18 tokens. Now the
# solution:

# %% id=believe-solution
solution = serve("solutions/01_basic/app.py", LLM_TIMEOUT_SECONDS="2")

solution.llm.script(told)
answer = solution.client.post("/query", json=question).json()
print(answer)
assert (answer["model"], answer["tokens_used"]) == ("gpt-4-0613", 18)

# %% [markdown] id=nonsense-question
# ## Nonsense
#
# Five requests that no LLM can do anything good with.
#
# **Your guess:** which of them reach the LLM, and are paid for? One of them does not, and is not
# refused either.

# %% id=nonsense-naive
NONSENSE = {
    "an empty question": b'{"query": ""}',
    "a blank question": b'{"query": " \\n\\t"}',
    "half a million letters": b'{"query": "%s"}' % (b"x" * 500_000),
    "temperature 99": b'{"query": "Hello?", "temperature": 99}',
    "temperature NaN": b'{"query": "Hello?", "temperature": NaN}',
}


def send_nonsense(app):
    """The status of each answer, and the calls that the LLM was paid for."""
    statuses, paid = [], 0
    for what, body in NONSENSE.items():
        app.llm.reset()
        answer = app.client.post(
            "/query", content=body, headers={"Content-Type": "application/json"}
        )
        statuses.append(answer.status_code)
        paid += len(app.llm.calls)
        print(f"{what:<24}{answer.status_code}   calls to the LLM: {len(app.llm.calls)}")
    return statuses, paid


statuses, paid = send_nonsense(naive)
assert (statuses, paid) == ([200, 200, 200, 200, 500], 4)

# %% [markdown] id=nonsense-why
# Four are paid for. The fifth is a 500, which tells the caller that *we* have a bug, and they are
# right. The app's own output has the reason:

# %% id=nonsense-log
naive.wait_for_output("ValueError")
print(naive.output.strip().splitlines()[-1])
assert "not JSON compliant" in naive.output

# %% [markdown] id=nonsense-rule
# `float` includes 99 and NaN, as `str` includes the empty one. A type is not a rule. The solution
# has the rules beside the types, so pydantic refuses before any code of ours runs.
#
# **Your guess:** what may a refusal say, and what should it leave out?

# %% id=nonsense-solution
statuses, paid = send_nonsense(solution)
assert (statuses, paid) == ([422] * 5, 0)

refusal = solution.client.post("/query", json={"query": "Hello?", "temperature": 99})
print(refusal.json()["detail"])
assert "99" not in refusal.text

# %% [markdown] id=failures-question
# The field and the rule that it broke, but not what was sent: that may be long, secret, or a NaN,
# which cannot be written as JSON at all.
#
# ## An LLM that fails
#
# The request is fine from here on, and the LLM has its troubles. The caller's program has nothing
# but the status to decide what to do: wait, try again, give up.
#
# **Your guess:** the naive version answers these four with how many different statuses? And how
# long does it wait for an LLM that says nothing? (The next cell takes as long.)

# %% id=failures-naive
import time

TROUBLES = {
    "503 from the LLM": Reply(status=503),
    "busy, try in 7 seconds": Reply(status=429, retry_after=7),
    "hangs up": Reply(hang_up_after=0),
    "says nothing": Reply(silent_after=0),
}


def make_trouble(app):
    """What the caller gets: the status, and what it is told about waiting."""
    answers = {}
    for what, reply in TROUBLES.items():
        app.llm.reset()
        app.llm.always(reply)
        begin = time.perf_counter()
        answer = app.client.post("/query", json=question)
        seconds = time.perf_counter() - begin
        wait = answer.headers.get("Retry-After")
        answers[what] = (answer.status_code, wait)
        print(
            f"{what:<24}{answer.status_code}  Retry-After: {wait}  {seconds:.1f} s  {answer.text}"
        )
    app.llm.reset()
    return answers


failed = make_trouble(naive)
assert set(failed.values()) == {(500, None)}

# %% [markdown] id=failures-reveal
# One: "this server has a bug", four times. The five seconds are httpx's own timeout, which nobody
# chose. Without one it would be worse; for an LLM it is too short.
#
# **Your guess:** which status would *you* want to see for each of the four, as the caller?

# %% id=failures-solution
failed = make_trouble(solution)
assert failed == {
    "503 from the LLM": (502, None),
    "busy, try in 7 seconds": (503, "7"),
    "hangs up": (502, None),
    "says nothing": (504, None),
}

# %% [markdown] id=connections-question
# Here the timeout is a setting; this notebook set it to two seconds when it started the solution.
#
# ## One client, or one each time
#
# Twenty questions, one after another. The naive version has its `httpx.AsyncClient` inside the
# route.
#
# **Your guess:** how many connections does the LLM see from each app?

# %% id=connections
for app in (naive, solution):
    app.llm.reset()
    app.llm.always(Reply(delay=0.02))
    for _ in range(20):
        app.client.post("/query", json=question).raise_for_status()

print("naive.py:", naive.llm.connections, "connections; solution:", solution.llm.connections)
assert (naive.llm.connections, solution.llm.connections) == (20, 1)

# %% id=connections-plot
plot_calls({"naive.py": naive.llm.calls, "the solution": solution.llm.calls}, rows="connection")

# %% [markdown] id=connections-reveal
# A row is a connection, a bar is a call on it. The naive version makes a client, a connection and a
# mess of each question: the gaps between its bars are what that costs here, where a connection is
# nearly free. To a provider on the internet, each new row is three round trips more (TCP, then TLS)
# before the first byte of the question.

# %% [markdown] id=docs-question
# ## What others can read
#
# People write clients from /docs, and /docs is made from `/openapi.json`.
#
# **Your guess:** which of the statuses you have seen does each app promise?

# %% id=docs
promised = {}
for app in (naive, solution):
    document = app.client.get("/openapi.json").json()
    promised[app] = sorted(document["paths"]["/query"]["post"]["responses"])
    print(f"{document['info']['title']:<10}", *promised[app])

assert promised[naive] == ["200", "422"]
assert promised[solution] == ["200", "422", "502", "503", "504"]

# %% [markdown] id=exercise
# ## Your turn
#
# You have seen the five exercises: `models`, `call`, `failures`, `client`, `docs`. In a terminal:
#
# ```console
# course start basic
# course check basic --watch
# ```
#
# `start` copies the starter to `work/01_basic/app.py`. Write it there; each save is checked at
# once. To ask your own app what you asked these two, put `serve("work/01_basic/app.py")` in the
# place of the solution and run the notebook again.

# %% id=stop
naive.stop()
solution.stop()
