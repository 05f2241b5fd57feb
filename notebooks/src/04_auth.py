# %% [markdown] id=intro
# # Authentication and rate limiting: who shuts whom out
#
# Two apps run beside this notebook: what most people write first, and the solution of this lesson.
# Both ask for a token, and both have a limit of ten calls a minute. Ada and Ben have a token; a
# stranger has none and would like one. Before you run a cell, say what it will show.
#
# About ten minutes. The reasons are on the lesson's page, `lessons/04_auth/README.md`.

# %% id=start
import json
import time
from concurrent.futures import ThreadPoolExecutor

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import STRATEGIES

from course.notebook import AppDidNotStart, Mark, Reply, plot_calls, plot_marks, serve

KEYS = json.dumps({"ada-laptop": "ada", "ada-phone": "ada", "ben-laptop": "ben"})


def start_naive():
    return serve("lessons/04_auth/naive.py", API_KEYS=KEYS)


def start_solution(**settings):
    return serve("solutions/04_auth/app.py", API_KEYS=KEYS, **settings)


def ask(app, token):
    """One question with that token; its answer."""
    sent = {"Authorization": f"Bearer {token}".encode()}
    return app.client.post("/query", json={"query": "Why is the sky blue?"}, headers=sent)


def statuses(app, token, times):
    """What that many questions with one token are answered with."""
    return [ask(app, token).status_code for _ in range(times)]


naive, solution = start_naive(), start_solution()
print(naive.source)

# %% [markdown] id=users-question
# ## Ada is busy
#
# Ada asks eleven times, partly with her other token. Then Ben asks for the first time today.
#
# **Your guess:** what does Ben get from each app?

# %% id=users
for name, app in (("naive", naive), ("solution", solution)):
    ada = statuses(app, "ada-laptop", 6) + statuses(app, "ada-phone", 5)
    ben = ask(app, "ben-laptop").status_code
    print(f"{name:<9} Ada: {ada}  Ben: {ben}")
    assert ada == [200] * 10 + [429]
    assert ben == (429 if app is naive else 200)

print({call.body.get("user") for call in naive.llm.calls}, "is whom the naive LLM knows")
print({call.body.get("user") for call in solution.llm.calls}, "is whom the other one knows")

# %% [markdown] id=guess-question
# `key_func=lambda: "user"` is one budget for everybody. The solution counts under the user, and
# both tokens are Ada's.
#
# ## A stranger tries tokens
#
# Both apps are started again. A stranger sends 25 tokens that nobody has; then Ada asks.
#
# **Your guess:** what does the stranger get, and what does Ada get?

# %% id=guess
naive.stop()
solution.stop()
naive, solution = start_naive(), start_solution()

for name, app in (("naive", naive), ("solution", solution)):
    stranger = [ask(app, f"guess-{number}").status_code for number in range(25)]
    ada = ask(app, "ada-laptop").status_code
    print(
        f"{name:<9} stranger: {stranger.count(401)} x 401, {stranger.count(429)} x 429  Ada: {ada}"
    )
    assert ada == (429 if app is naive else 200)

# %% [markdown] id=door-question
# Without a token of his own, the stranger has shut Ada out: the naive limit counts before it asks
# who it is. The solution counts him by his address, in a budget of strangers.
#
# ## Doors that are not shut
#
# Both apps afresh: a token that is not ASCII, and then an app that nobody has given any keys.
#
# **Your guess:** four answers, please.

# %% id=door
naive.stop()
solution.stop()
naive, solution = start_naive(), start_solution()

for name, app in (("naive", naive), ("solution", solution)):
    got = ask(app, "é").status_code
    print(f"{name:<9} the token é:", got)
    assert got == (500 if app is naive else 401)

with serve("lessons/04_auth/naive.py") as open_to_all:
    got = ask(open_to_all, "secret").status_code
    print("naive     without API_KEYS, with the token `secret` of its source:", got)
    assert got == 200

try:
    serve("solutions/04_auth/app.py")
except AppDidNotStart as problem:
    print("solution ", problem)
else:
    raise AssertionError("The solution has started without keys.")

# %% [markdown] id=wait-question
# The naive app compares text, and has a key in its source for when there is none. Anybody who has
# read the source has it, too.
#
# ## When may I come back?
#
# Now with two calls a second. Ada asks three times at once, reads `Retry-After`, waits that long,
# and asks again.
#
# **Your guess:** which headers help her, and does the waiting work?

# %% id=wait
solution.stop()
solution = start_solution(RATE_LIMIT="2/second")
answers = [ask(solution, "ada-laptop") for _ in range(3)]
HELPFUL = ("retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
for answer in answers:
    print(answer.status_code, {name: answer.headers[name] for name in HELPFUL})
refused = next(answer for answer in answers if answer.status_code == 429)
time.sleep(int(refused.headers["Retry-After"]))
again = ask(solution, "ada-laptop").status_code
print("after that:", again)
assert again == 200

# %% [markdown] id=budget-question
# ## Used up, and refilled
#
# Now with five calls a second. Ada asks eight times in a row, a tenth of a second apart, and thinks
# for a second; then she does it again.
#
# **Your guess:** at which calls is she refused? What does `X-RateLimit-Remaining` say at the first
# call after the pause?

# %% id=budget
solution.stop()
solution = start_solution(RATE_LIMIT="5/second")
marks = []
for number in range(16):
    time.sleep(1 if number == 8 else 0.1)
    answer = ask(solution, "ada-laptop")
    left = answer.headers["X-RateLimit-Remaining"]
    marks.append(Mark(left, str(answer.status_code), time.monotonic()))

refused = sum(mark.kind == "429" for mark in marks)
assert marks[0].row == marks[8].row == "4"
plot_marks(
    {f"16 questions, {refused} refused": marks},
    {"200": "good", "429": "bad"},
    rows="calls left",
)

# %% [markdown] id=edge-question
# A call goes back into the budget a second after it was made, so a second's pause brings back all
# five. What is refused costs nothing, neither the LLM's time nor Ada's budget.
#
# ## The edge of a window
#
# Five calls a second. We ask once, wait 0.8 seconds, ask ten times, wait until the second is over,
# and ask ten times again, all of it at the counters alone, without an app.
#
# **Your guess:** how many of the last twenty are let through by each strategy?

# %% id=edge
FIVE = parse("5/second")
for strategy in ("fixed-window", "moving-window"):
    counter = STRATEGIES[strategy](MemoryStorage())
    begin = time.monotonic()
    counter.hit(FIVE, "ada")
    let_through = 0
    for second in (0.8, 1.02):
        time.sleep(max(0, begin + second - time.monotonic()))
        let_through += sum(counter.hit(FIVE, "ada") for _ in range(10))
    print(f"{strategy:<14} {let_through} within a quarter of a second")

# %% [markdown] id=hammer-question
# Nine of five: the fixed window forgets everything it knew when it ends. The moving window
# remembers five times and looks back from each call.
#
# This is the solution with eight clients of Ada's that never stop asking for three seconds. The LLM
# takes half a second for an answer. Each line is a call that the LLM got.
#
# **Your guess:** how many calls, and when do they begin?


# %% id=hammer
def never_stop(seconds):
    """Ask again and again; how often the answer was a refusal."""
    begin = time.perf_counter()
    refusals = 0
    while time.perf_counter() - begin < seconds:
        refusals += ask(solution, "ada-laptop").status_code == 429
    return refusals


solution.stop()
solution = start_solution(RATE_LIMIT="5/second")
solution.llm.always(Reply(delay=0.5))
with ThreadPoolExecutor(8) as pool:
    refusals = sum(pool.map(never_stop, [3] * 8))
print(len(solution.llm.calls), "calls to the LLM,", refusals, "refusals that cost nothing")
assert len(solution.llm.calls) <= 20

# %% id=hammer-plot
plot_calls({"five a second, asked without a pause": solution.llm.calls})

# %% [markdown] id=exercise
# ## Your turn
#
# You have seen most of the exercises: tokens, keys that are missing, a budget for each user, a wait
# that is true, guesses, and the edge of a window. The stretch is a budget for several processes. In
# a terminal:
#
# ```console
# course start auth
# course check auth --watch
# ```
#
# `start` copies the starter to `work/04_auth/`. To see your own app here, put
# `serve("work/04_auth/app.py", ...)` in the place of the solution and run the notebook again.

# %% id=stop
naive.stop()
solution.stop()
