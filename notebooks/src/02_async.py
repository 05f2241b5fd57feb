# %% [markdown] id=intro
# # Async processing: what overlaps, and what must not
#
# Two apps run beside this notebook, each with an LLM of its own: what most people write first, and
# the solution of this lesson. Both answer many questions in one request, and both have an old
# blocking client to live with. The pictures show what each LLM saw. Before you run a cell, say what
# it will show.
#
# About ten minutes. The reasons are on the lesson's page, `lessons/02_async/README.md`.

# %% id=start
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from course.notebook import Gate, Reply, plot_calls, serve

naive = serve("lessons/02_async/naive.py")
print(naive.source)

# %% [markdown] id=batch-question
# ## Twenty questions
#
# The LLM takes 0.1 s for each. First we ask one at a time, twenty requests in a row; then all
# twenty in one request to `/batch-query`.
#
# **Your guess:** how long does each way take? And in the second, how many calls does the LLM have
# at once?

# %% id=batch-naive
SLOW = Reply(delay=0.1)
questions = [f"What is {number} times {number}?" for number in range(1, 21)]


def timed(app, requests):
    """Send batches one after another; the calls that the LLM saw."""
    app.llm.reset()
    app.llm.always(SLOW)
    begin = time.perf_counter()
    for batch in requests:
        app.client.post("/batch-query", json=batch).raise_for_status()
    calls = app.llm.calls
    print(
        f"requests: {len(requests)}, calls: {len(calls)}, "
        f"at most {app.llm.peak_in_flight} at once, {time.perf_counter() - begin:.1f} s"
    )
    return calls


one_by_one = timed(naive, [[question] for question in questions])
all_at_once = timed(naive, [questions])
assert max(call.in_flight for call in one_by_one) == 1
assert max(call.in_flight for call in all_at_once) > 5

# %% [markdown] id=batch-limit
# Waiting overlaps: that is what async is for, and one line of `asyncio.gather` bought it. It is
# tempting to stop here.
#
# The solution allows five calls at a time, over all requests together.
#
# **Your guess:** how long will it take for the twenty? Where in the picture will you see the five?

# %% id=batch-solution
solution = serve("solutions/02_async/app.py", MAX_CONCURRENCY="5")
five_at_a_time = timed(solution, [questions])
assert max(call.in_flight for call in five_at_a_time) == 5

# %% id=batch-plot
plot_calls(
    {
        "one request after another": one_by_one,
        "naive.py": all_at_once,
        "the solution": five_at_a_time,
    }
)

# %% [markdown] id=quota-question
# The solution is slower than the naive version. So why bother?
#
# ## The LLM has a limit
#
# Providers have one, for you or for their GPU. Ours now takes five calls at a time and answers `429
# Too Many Requests` to the rest.
#
# **Your guess:** the naive version gets twenty questions again. How many answers does its caller
# receive? How many does the LLM write, and bill?


# %% id=quota-naive
def five_at_most(call):
    """What this LLM answers to a call, given how many it has."""
    return SLOW if call.in_flight <= 5 else Reply(status=429)


def with_a_limit(app):
    """The answers that the caller got, and the calls that the LLM saw."""
    app.llm.reset()
    app.llm.behave(five_at_most)
    answer = app.client.post("/batch-query", json=questions)
    app.llm.wait_for(lambda: app.llm.in_flight == 0, within=5)
    calls = app.llm.calls
    items = answer.json() if answer.status_code == 200 else []
    answered = sum(1 for item in items if item["response"])
    billed = sum(1 for call in calls if call.status == 200)
    print(f"status {answer.status_code}: {answered} answers for the caller, {billed} billed")
    return answered, billed, calls


answered, billed, too_many = with_a_limit(naive)
assert answered == 0
assert billed > 0

# %% [markdown] id=quota-reveal
# One refusal is an exception, `gather` raises it, and the whole batch is a 500. The calls that were
# under way went on, were answered and billed, and nobody read them: in the next picture, the blue
# bars that end after the first red mark.

# %% id=quota-solution
answered, billed, few_enough = with_a_limit(solution)
assert answered == billed == 20

plot_calls({"naive.py": too_many, "the solution": few_enough})

# %% [markdown] id=partial-question
# As many calls at a time as the provider allows, and none is refused. That is half of it. The other
# half: one call fails after all.
#
# **Your guess:** three questions, and the LLM breaks down at the second. What does the caller get
# from each app?

# %% id=partial
for app in (naive, solution):
    app.llm.reset()
    app.llm.when("broken", Reply(status=500))
    answer = app.client.post("/batch-query", json=["First?", "Is it broken?", "Third?"])
    print(answer.status_code, "" if answer.status_code == 200 else answer.text)

for item in answer.json():
    print(f"  {item['query']:<14}", item["error"] or f"{item['response'][:40]}...")
assert [bool(item["response"]) for item in answer.json()] == [True, False, True]

# %% [markdown] id=size-question
# Two answers are better than none, and the caller knows which question to ask again.
#
# ## A batch without an end
#
# **Your guess:** somebody sends 100 questions in one request. Which app answers, and what is it
# going to cost?

# %% id=size
for app in (naive, solution):
    app.llm.reset()
    answer = app.client.post("/batch-query", json=["Why?"] * 100)
    print(answer.status_code, "and", len(app.llm.calls), "calls")

assert (answer.status_code, len(solution.llm.calls)) == (422, 0)
assert len(naive.llm.calls) == 100

# %% [markdown] id=blocking-question
# A type says what a question is, not how many there may be. The solution refuses before the first
# call.
#
# ## The old client
#
# `/legacy-query` uses a client from before asyncio: the call blocks until the answer is there. In
# the naive version it stands in an `async def`. We keep the LLM's answer back, and ask for
# `/health` meanwhile, which calls nobody.
#
# **Your guess:** what does `/health` say?


# %% id=blocking
def health_while_waiting(app):
    """What /health answers within a second, while one question waits for the LLM."""
    app.llm.reset()
    gate = Gate()
    app.llm.always(Reply(gate=gate))
    with ThreadPoolExecutor() as pool:
        pool.submit(app.client.post, "/legacy-query", json={"query": "Are you there?"})
        gate.wait_for_waiting(1)
        try:
            return app.client.get("/health", timeout=1).status_code
        except httpx.ReadTimeout:
            return "nothing"
        finally:
            gate.open()


said = [health_while_waiting(app) for app in (naive, solution)]
print("naive.py said", said[0], "and the solution", said[1])
assert said == ["nothing", 200]

# %% [markdown] id=blocked-question
# One event loop serves everybody. Whoever waits on it without an `await` waits for all. A platform
# that asks `/health` every few seconds would restart this process, in the middle of its work.
#
# **Your guess:** eight people ask `/legacy-query` at the same moment, 0.1 s each. What will the
# two pictures look like?


# %% id=blocked
def eight_at_once(app):
    """The calls that the LLM saw when eight people asked together."""
    app.llm.reset()
    app.llm.always(SLOW)
    with ThreadPoolExecutor(8) as pool:
        sent = [
            pool.submit(app.client.post, "/legacy-query", json={"query": question})
            for question in questions[:8]
        ]
    assert all(each.result().status_code == 200 for each in sent)
    return app.llm.calls


blocked, in_threads = eight_at_once(naive), eight_at_once(solution)
assert max(call.in_flight for call in blocked) == 1
assert max(call.in_flight for call in in_threads) > 1

plot_calls({"naive.py": blocked, "the solution": in_threads})

# %% [markdown] id=exercise
# The calls of the naive version are as much in a row as if it had never heard of async, and the
# word `async` in front of the function is the reason.
#
# ## Your turn
#
# You have seen most of the exercises: the order of the items, the calls that overlap, their limit,
# the failure that stays one item, the batch that is too long, the loop that must stay free. In a
# terminal:
#
# ```console
# course start async
# course check async --watch
# ```
#
# `start` copies the starter to `work/02_async/`. To see your own app in these pictures, put
# `serve("work/02_async/app.py")` in the place of the solution and run the notebook again.

# %% id=stop
naive.stop()
solution.stop()
