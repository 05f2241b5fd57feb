# %% [markdown] id=intro
# # Background tasks: the row that survives, beside the one that is lost
#
# Two apps run beside this notebook, each with an LLM and a database of its own: what most people
# write first, and the solution of this lesson. Both answer a question and leave a row that says
# what it cost. This notebook gets in their way: it fails, it locks, it kills. Before you run a
# cell, say what it will show.
#
# About ten minutes. The reasons are on the lesson's page, `lessons/06_background/README.md`.

# %% id=start
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from course.notebook import Mark, Reply, Usage, plot_calls, plot_marks, serve

home = TemporaryDirectory()
databases = {name: Path(home.name) / f"{name}.db" for name in ("naive", "solution")}


def start_naive():
    return serve("lessons/06_background/naive.py", USAGE_DB=str(databases["naive"]))


def start_solution():
    url = f"sqlite:///{databases['solution']}"
    return serve("solutions/06_background/app.py", DATABASE_URL=url, API_KEYS='{"key": "ada"}')


naive, solution = start_naive(), start_solution()
print(naive.source)


# %% [markdown] id=rows-question
# ## A day with bad moments
#
# Twelve questions; the LLM fails at every fourth. The pictures show the calls that each LLM had:
# red ones have failed.
#
# **Your guess:** how many rows will each database have?


# %% id=rows
def ask(app, text="Why is the sky blue?"):
    """One question, on a connection of its own; its answer."""
    headers = {"X-User": "ada", "Authorization": "Bearer key", "Connection": "close"}
    return app.client.post("/query", json={"query": text}, headers=headers)


def rows(name):
    """What the usage log holds."""
    with closing(sqlite3.connect(databases[name], timeout=10)) as database:
        try:
            return database.execute("SELECT * FROM usage_log").fetchall()
        except sqlite3.OperationalError:  # no such table, yet
            return []


def settled(name, expected, within=10.0):
    """The rows, waited for: they come after the answer."""
    deadline = time.monotonic() + within
    while len(rows(name)) < expected and time.monotonic() < deadline:
        time.sleep(0.02)
    return rows(name)


for name, app, expected in (("naive", naive, 9), ("solution", solution, 12)):
    app.llm.behave(lambda call: Reply(delay=0.05, status=500 if call.number % 4 == 0 else 200))
    statuses = [ask(app).status_code for _ in range(12)]
    written = len(settled(name, expected))
    print(f"{name:<9} {statuses.count(200)} answers, {written} rows")
    assert written == expected

# %% id=rows-plot
plot_calls({"naive.py": naive.llm.calls, "the solution": solution.llm.calls})

# %% [markdown] id=rows-reveal
# `add_task` stands behind the call, and a failure never gets there. The three people who waited for
# nothing are not in the naive log at all. `finally` is reached in any case:

# %% id=rows-shown
for row in rows("solution")[:4]:
    print(*row[2:6], sep="  ")

# %% [markdown] id=lock-question
# ## Somebody else has the database
#
# A backup, a report, a colleague's console: for a second another connection holds the write lock.
#
# **Your guess:** how long does the caller wait for each app? And is the row there in the end?


# %% id=lock
@contextmanager
def locked(name):
    """Inside the block nobody else can write."""
    with closing(sqlite3.connect(databases[name], timeout=10, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


for name, app in (("naive", naive), ("solution", solution)):
    app.llm.reset()
    before = len(rows(name))
    with locked(name):
        begin = time.perf_counter()
        assert ask(app).status_code == 200
        print(f"{name:<9} answered after {time.perf_counter() - begin:.2f} s, ", end="")
        time.sleep(1)
        print(len(rows(name)) - before, "rows during the lock, ", end="")
    print(len(settled(name, before + 1)) - before, "after it")
    assert len(rows(name)) == before + 1

# %% [markdown] id=kill-question
# Both are fine. (The naive one would give up after five seconds; the solution has ten, and keeps
# the row even then.) So is there anything left to want?
#
# ## kill -9
#
# The same again, but this time the process is killed while its row waits for the lock: out of
# memory, a power cut, somebody in a hurry. The caller has their answer already. Then both apps
# are started again.
#
# **Your guess:** which rows are there?


# %% id=kill
def killed(name, app, start_again, within):
    """The app that was started again, and what happened, the life of the first one in front."""
    before, asked = len(rows(name)), time.monotonic()
    with locked(name):
        assert ask(app).status_code == 200
        answered = time.monotonic()
        time.sleep(0.2)
        killed_at = time.monotonic()
        app.stop()  # kill -9
        print(f"{name:<9} in the outbox: {[file.name for file in outbox()]}")
    unlocked = time.monotonic()
    app, started = start_again(), time.monotonic()
    new = len(settled(name, before + 1, within)) - before
    print(f"{name:<9} {new} new rows")
    assert new <= 1
    settled_at = time.monotonic()
    time.sleep(0.5)
    end = time.monotonic()
    return app, [
        Mark("app", "there", asked, killed_at),
        Mark("app", "there", started, end),
        Mark("lock", "held by others", asked, unlocked),
        Mark("answer", "there", answered),
        Mark("row", "there", settled_at, end) if new else Mark("row", "lost", settled_at),
    ]


def outbox():
    """The files with rows that no database has yet."""
    return databases["solution"].parent.glob("*-outbox/*")


naive, naive_marks = killed("naive", naive, start_naive, within=1)
solution, marks = killed("solution", solution, start_solution, within=10)
assert (naive_marks[-1].kind, marks[-1].kind) == ("lost", "there")

# %% id=kill-plot
plot_marks(
    {"naive.py: the row is lost": naive_marks, "the solution: the row is there": marks},
    {"there": "good", "held by others": "idle", "lost": "bad"},
    zero=[naive_marks[0].until, marks[0].until],
    event="kill -9",
)

# %% [markdown] id=refused-question
# The row that survived was in a file before its answer left. A list in memory ends with the
# process, and there is no trace of what was in it.
#
# ## One bad row
#
# Now the database refuses every row of more than a thousand tokens.
#
# **Your guess:** three questions, the second one is expensive. What do the callers get, how many
# new rows are there, and who would know about the third?

# %% id=refused
with closing(sqlite3.connect(databases["solution"], timeout=10)) as console:
    console.execute(
        "CREATE TRIGGER too_much BEFORE INSERT ON usage_log WHEN NEW.tokens > 1000 "
        "BEGIN SELECT RAISE(ABORT, 'that is too much'); END"
    )

before = len(rows("solution"))
solution.llm.script(Reply(), Reply(usage=Usage(900, 900)), Reply())
answers = [ask(solution) for _ in range(3)]
print([answer.status_code for answer in answers])
new = len(settled("solution", before + 2)) - before
print(new, "new rows")
refused = answers[1].headers["X-Request-ID"]
assert new == 2
assert solution.wait_for_output(refused)
print(next(line for line in solution.output.splitlines() if refused in line))

# %% [markdown] id=crowd-question
# ## Two hundred at once
#
# Everybody asks in the same second, and SQLite has one writer at a time.
#
# **Your guess:** how long after the last answer is the last row there? Does anybody's answer wait
# for a row?

# %% id=crowd
before = len(rows("solution"))
solution.llm.reset()
solution.llm.always(Reply(delay=0.1))
with ThreadPoolExecutor(40) as pool:
    answers = list(pool.map(lambda number: ask(solution, f"Question {number}?"), range(200)))
answered = time.perf_counter()
at_once = len(rows("solution")) - before
written = len(settled("solution", before + 200)) - before
later = time.perf_counter() - answered
print(f"{at_once} rows with the last answer, {written} rows {later:.2f} s later")
assert written == 200

spent = sum(answer.json()["tokens_used"] for answer in answers)
usage = solution.client.get("/usage", headers={"Authorization": "Bearer key"}).json()
print(usage, "of which", spent, "just now")

# %% id=crowd-plot
plot_calls({"200 questions, 40 at a time": solution.llm.calls})

# %% [markdown] id=exercise
# ## Your turn
#
# You have seen most of the exercises: a row for every answer, failures included; an answer that
# waits for nobody; a bad row that stays alone; two hundred rows that are two hundred; and, as the
# stretch, the one that survives. In a terminal:
#
# ```console
# course start background
# course check background --watch
# ```
#
# `start` copies the starter to `work/06_background/`. To see your own app here, put
# `serve("work/06_background/app.py", ...)` in the place of the solution and run the notebook again.

# %% id=stop
naive.stop()
solution.stop()
home.cleanup()
