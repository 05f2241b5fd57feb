# %% [markdown] id=intro
# # Caching: who gets which answer, and when not
#
# Two apps run beside this notebook, each with an LLM of its own: what most people write first, and
# the solution of this lesson. Both remember answers. The pictures show what they remembered, and
# what each LLM saw: there every bar is a call, and a call is money and time. Before you run a cell,
# say what it will show.
#
# About ten minutes. The reasons are on the lesson's page, `lessons/05_cache/README.md`.

# %% id=start
import random
import time
from concurrent.futures import ThreadPoolExecutor

from course.notebook import Gate, Mark, Reply, plot_calls, plot_marks, serve

naive = serve("lessons/05_cache/naive.py")
print(naive.source)

# %% [markdown] id=again-question
# ## The same thing again
#
# The LLM takes 0.2 s for an answer. We ask the solution the same question four times, the last time
# with `Cache-Control: no-cache`.
#
# **Your guess:** how long does each take, and what does the header `X-Cache` say?

# %% id=again
solution = serve("solutions/05_cache/app.py")


def ask(app, query, **headers):
    """One question on a connection of its own; the text of the answer."""
    headers["Connection"] = "close"
    begin = time.perf_counter()
    answer = app.client.post("/query", json={"query": query}, headers=headers)
    seconds = time.perf_counter() - begin
    said = answer.json().get("response", "") if answer.status_code == 200 else answer.text
    source = answer.headers.get("X-Cache", "-")
    print(f"{answer.status_code} {source:<7} {seconds:4.2f} s  {said[:60]}")
    return said


solution.llm.behave(lambda call: Reply(text=f"Answer {call.number}.", delay=0.2))
got = [ask(solution, "Why is the sky blue?") for _ in range(3)]
got.append(ask(solution, "Why is the sky blue?", **{"Cache-Control": "no-cache"}))
assert got == ["Answer 1."] * 3 + ["Answer 2."]

# %% [markdown] id=day-question
# ## A day in a minute
#
# People do not ask at random: a few questions are asked all the time, most only once. Here are a
# hundred requests about thirty questions, of which the first is asked three times as often as the
# third.
#
# **Your guess:** how many of the hundred will the LLM see? And with room for five answers only?

# %% id=day
random.seed(5)
questions = [f"Question {number}?" for number in range(1, 31)]
day = random.choices(questions, weights=[1 / number for number in range(1, 31)], k=100)


def live_through(app):
    """Where each answer of the day came from."""
    app.llm.reset()
    app.llm.always(Reply(delay=0.02))
    marks = []
    for question in day:
        answer = app.client.post("/query", json={"query": question}).raise_for_status()
        marks.append(Mark(question, answer.headers["X-Cache"], time.monotonic()))
    misses = sum(mark.kind == "MISS" for mark in marks)
    print(f"{len(day)} requests, {misses} misses, {len(app.llm.calls)} calls")
    assert misses == len(app.llm.calls)
    return marks


small = serve("solutions/05_cache/app.py", CACHE_MAX_ENTRIES="5")
roomy_day, small_day = live_through(solution), live_through(small)
calls = [len(app.llm.calls) for app in (solution, small)]
assert len(set(day)) == calls[0] < calls[1] < len(day)

# %% id=day-plot
plot_marks(
    {"room for 1,000 answers": roomy_day, "room for five": small_day},
    {"HIT": "good", "MISS": "fair"},
    rows="questions",
)

# %% [markdown] id=day-reveal
# With room for everything the LLM sees each question once, and mostly early in the day. With room
# for five the popular ones still stay, because every hit puts them at the end of the line again;
# the rare ones come and go.
#
# ## Whose answer?
#
# **Your guess:** two customers ask the same question. What does the second one get from each app?

# %% id=tenants
for app in (naive, solution):
    app.llm.reset()
    app.llm.behave(lambda call: Reply(text=f"Answer {call.number}."))
    print(app.path.name)
    told = [
        ask(app, "Name our largest customer.", **{"X-Tenant-ID": name}) for name in ("acme", "bolt")
    ]
    assert (told[0] == told[1]) == (app is naive)

# %% [markdown] id=outage-question
# ## One bad second
#
# The LLM answers 503 once and is well again.
#
# **Your guess:** we ask the same question three times. What do the two apps say?

# %% id=outage
for app in (naive, solution):
    app.llm.reset()
    app.llm.script(Reply(status=503))
    print(app.path.name)
    told = [ask(app, "Is anybody there?") for _ in range(3)]
    assert (told[2] == "Internal Server Error") == (app is naive)

# %% [markdown] id=stampede-question
# The naive version kept the failure with the question. The LLM was down for a second; for this
# question it stays down until somebody restarts the process.
#
# ## A crowd
#
# Twenty people ask the same thing at the same moment, and the LLM takes half a second.
#
# **Your guess:** what will the two pictures look like? What does the cache know when the second of
# them asks?


# %% id=stampede
def crowd(app, reply):
    """The statuses of twenty equal questions at once, and the calls that the LLM saw."""
    app.llm.reset()
    app.llm.always(reply)
    with ThreadPoolExecutor(20) as pool:
        sent = [
            pool.submit(
                app.client.post, "/query", json={"query": f"What has happened? {app.llm.nonce}"}
            )
            for _ in range(20)
        ]
    return [one.result().status_code for one in sent], app.llm.calls


answered, trampled = crowd(naive, Reply(delay=0.5))
assert answered == [200] * 20
assert len(trampled) > 10
answered, orderly = crowd(solution, Reply(delay=0.5))
assert answered == [200] * 20
assert len(orderly) == 1

plot_calls({"naive.py": trampled, "the solution": orderly})

# %% [markdown] id=failing-question
# The first who asks leaves a task where the others find it, and all wait for the same one.
#
# **Your guess:** the same crowd, and the LLM fails. How many calls does the solution make, and who
# gets the error?

# %% id=failing
gate = Gate()
with ThreadPoolExecutor(1) as pool:
    waiting = pool.submit(crowd, solution, Reply(status=500, gate=gate))
    gate.wait_for_waiting(1)
    time.sleep(0.5)  # until the twenty are there
    gate.open()
    answered, calls = waiting.result()
print(sorted(answered), "after", len(calls), "call")
assert set(answered) == {502}
assert len(calls) < 20

# %% [markdown] id=old-question
# ## Growing old
#
# Now an app whose answers are good for half a second. For three seconds we ask the same question
# twenty times a second.
#
# **Your guess:** how many calls, and at what distance?

# %% id=old
with serve("solutions/05_cache/app.py", CACHE_TTL_SECONDS="0.5") as forgetful:
    forgetful.llm.always(Reply(delay=0.1))
    marks = []
    end = time.monotonic() + 3
    while (asked := time.monotonic()) < end:
        answer = forgetful.client.post("/query", json={"query": "Who leads the league?"})
        source = answer.raise_for_status().headers["X-Cache"]
        marks.append(Mark(source, source, asked))
        time.sleep(0.05)
    calls = len(forgetful.llm.calls)

assert 2 <= calls <= 6
plot_marks({f"good for half a second: {calls} calls": marks}, {"HIT": "good", "MISS": "fair"})

# %% [markdown] id=lost-question
# ## Without its cache
#
# At last an app that should keep its answers in Redis, at an address where nobody listens.
#
# **Your guess:** what does it answer, and what does `X-Cache` say?

# %% id=lost
with serve("solutions/05_cache/app.py", CACHE_URL="redis://127.0.0.1:9/0") as lonely:
    said = [ask(lonely, "Why is the sky blue?") for _ in range(2)]
    assert len(lonely.llm.calls) == 2
assert all(said)

# %% [markdown] id=exercise
# Everything is answered, and nothing is saved: BYPASS is the sign that somebody should look after
# the Redis.
#
# ## Your turn
#
# You have seen most of the exercises: the hit, the key, the age, the room, the answers that are not
# worth keeping, the crowd, the caller who insists, the cache that is gone. In a terminal:
#
# ```console
# course start cache
# course check cache --watch
# ```
#
# `start` copies the starter to `work/05_cache/`. To see your own app in these pictures, put
# `serve("work/05_cache/app.py")` in the place of the solution and run the notebook again.

# %% id=stop
naive.stop()
solution.stop()
small.stop()
