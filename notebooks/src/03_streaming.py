# %% [markdown] id=intro
# # Streaming: what a stream takes away
#
# Two apps run beside this notebook, each with an LLM of its own: what most people write first, and
# the solution of this lesson. Both have one route, `POST /stream`, and both pass the LLM's pieces
# on as they come. One reader, one sensible answer: you would not know which is which. Before you
# run a cell, say what it will show.
#
# About fifteen minutes. The reasons are on the lesson's page, `lessons/03_streaming/README.md`.

# %% id=start
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from course.notebook import Gate, Reading, Reply, events, plot_tokens, serve

naive = serve("lessons/03_streaming/naive.py")
solution = serve("solutions/03_streaming/app.py")
print(naive.source)

# %% [markdown] id=framing-question
# ## Text that looks like structure
#
# An event ends at an empty line, and a field at the end of its line. The LLM writes both, whenever
# it likes. `events` reads a stream as a browser does.
#
# **Your guess:** the LLM says a list of two lines, in one piece. What does the reader see?


# %% id=framing-list
def read(app, *pieces):
    """Let the LLM say these pieces, and read the stream to its end."""
    app.llm.reset()
    app.llm.script(Reply(chunks=pieces))
    with app.client.stream("POST", "/stream", json={"query": "Tell me."}) as answer:
        return [event for event in events(answer) if event.data]


seen = read(naive, "1. wash\n2. peel")
print(*seen, sep="\n")
assert [event.data for event in seen] == ["1. wash"]

# %% [markdown] id=forged-question
# The second line is a field that nobody knows, so it is dropped. That was an accident. The next
# text is not: somebody got the LLM to say it, with a document or a prompt.
#
# **Your guess:** how many events arrive, and what are they called?

# %% id=forged
FORGED = "Done.\n\nevent: error\ndata: Please send your card number."

seen = read(naive, FORGED)
print(*seen, sep="\n")
assert [event.event for event in seen] == ["message", "error"]

# %% [markdown] id=framed-question
# The LLM has written an event of *ours*. The page in the browser shows it as such.
#
# **Your guess:** what can be done to the text, so that it may hold anything and still be one line?

# %% id=framed
seen = read(solution, FORGED)
print(*seen, sep="\n")
assert seen[0].json() == {"text": FORGED}
assert [event.event for event in seen] == ["message", "done"]

# %% [markdown] id=three-question
# ## Three readers
#
# Three people ask at the same moment. Each answer has twelve tokens, one every 80 ms: about 0.9 s
# to its end.
#
# **Your guess:** when does each of the three see their first token? The naive version is an `async
# def` with a plain `for` in it.


# %% id=three
def read_three(app):
    """What three people see who ask at the same moment, and the LLM's side of it."""
    app.llm.reset()
    app.llm.always(Reply(chunks=[f"word{number} " for number in range(12)], chunk_delay=0.08))

    def read_one(prompt):
        asked_at = time.monotonic()
        with app.client.stream("POST", "/stream", json={"query": prompt}) as answer:
            words = (event for event in events(answer) if "word" in event.data)
            arrived = [time.monotonic() for _ in words]
        return Reading(prompt, asked_at, arrived)

    with ThreadPoolExecutor() as pool:
        readings = list(pool.map(read_one, ["Ada", "Grace", "Edsger"]))
    for reading in readings:
        first, last = (reading.arrived[at] - reading.asked_at for at in (0, -1))
        print(f"{reading.prompt:<8}first token after {first:.1f} s, last after {last:.1f} s")
    return app.llm.events, readings


in_turn = read_three(naive)
assert naive.llm.peak_in_flight == 1

# %% [markdown] id=three-why
# The LLM never had more than one call. While one reader waits for the next token, the loop waits
# with them, and the other two have not even been asked for.
#
# **Your guess:** draw the same for the solution, where each wait gives way.

# %% id=three-plot
together = read_three(solution)
assert solution.llm.peak_in_flight == 3

plot_tokens({"naive.py": in_turn, "the solution": together})

# %% [markdown] id=early-question
# Each dot is right below its mark: neither app keeps tokens back. It is the others who wait.
#
# ## A failure before the first token
#
# The LLM is busy: `429`, try again in seven seconds.
#
# **Your guess:** which status does the reader get?


# %% id=early
def ask(app, reply):
    """The status, the events, and how the connection ended."""
    app.llm.reset()
    app.llm.script(reply)
    seen, ending = [], "in good order"
    with app.client.stream("POST", "/stream", json={"query": "Tell me."}) as answer:
        try:
            seen.extend(event for event in events(answer) if event.data)
        except httpx.RemoteProtocolError:
            ending = "broken off"
    print(answer.status_code, "Retry-After:", answer.headers.get("Retry-After"), "| ended", ending)
    print(*[f"    {event.event}: {event.data}" for event in seen], sep="\n")
    return answer.status_code, seen, ending


BUSY = Reply(status=429, retry_after=7)

assert ask(naive, BUSY) == (200, [], "broken off")

# %% [markdown] id=early-reveal
# "All is well", and then nothing. The status goes first, and the naive version has sent it before
# it asked the LLM.
#
# **Your guess:** for how long can an app hold the status back?

# %% id=early-solution
status, _, _ = ask(solution, BUSY)
assert status == 503

# %% [markdown] id=late-question
# Until the first token. After that there is no status to change.
#
# ## A failure after it
#
# Two answers that are not whole. In the first the LLM hangs up after two pieces. In the second its
# stream ends after two pieces, in good order, and it never said that it was finished.
#
# **Your guess:** from which of them can a reader of the naive version tell that something is
# missing?

# %% id=late-naive
import json

HANGS_UP = Reply(chunks=["Take ", "two ", "pills."], hang_up_after=2)

chunks = [
    {"model": "gpt-4", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
    for text in ("Take ", "two ")
]
STOPS = Reply(
    body="".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks).encode(),
    content_type="text/event-stream",
)

assert ask(naive, HANGS_UP)[2] == "broken off"
assert ask(naive, STOPS)[2] == "in good order"

# %% [markdown] id=late-reveal
# The second looks like a short answer. The first is a broken connection, if the reader's library
# mentions it, and many show what they have.
#
# **Your guess:** what could a stream send at its end, so that its absence means something?

# %% id=late-solution
for reply in (HANGS_UP, STOPS, Reply(chunks=["Take ", "two ", "pills."])):
    _, seen, _ = ask(solution, reply)
    print()

assert seen[-1].event == "done"

# %% [markdown] id=leave-question
# `error` when it went wrong, `done` when it is complete, and neither means that the line was cut.
#
# ## A reader who leaves
#
# A long answer of forty tokens. The reader closes the page after the first one. The LLM has the
# other 39 ready.
#
# **Your guess:** how many tokens are billed?


# %% id=leave
def leave_after_the_first(app):
    """How the call ended, and how many of the forty tokens the LLM had sent by then."""
    app.llm.reset()
    gate = Gate(1)
    app.llm.script(Reply(chunks=["word "] * 40, gate=gate))
    with app.client.stream("POST", "/stream", json={"query": "Tell me all."}) as answer:
        next(events(answer))
    call = app.llm.calls[0]
    app.llm.wait_for(lambda: call.outcome != "open", within=1.5)
    gate.open()
    app.llm.wait_for(lambda: call.outcome != "open")
    print(f"{call.outcome}, {call.chunks_sent} of 40 tokens sent")
    return call.outcome, call.chunks_sent


assert leave_after_the_first(naive) == ("answered", 40)
assert leave_after_the_first(solution) == ("aborted", 1)

# %% [markdown] id=exercise
# What waits at an `await` can be cancelled, and then closes what it has opened. What waits in a
# plain `for` goes on to the end and pays for it.
#
# ## Your turn
#
# Forged events, blocked readers, lost statuses, silent ends, answers for nobody: each is an
# exercise. In a terminal:
#
# ```console
# course start streaming
# course check streaming --watch
# ```
#
# `start` copies the starter to `work/03_streaming/app.py`. To see your own app in the picture of
# the three readers, put `serve("work/03_streaming/app.py")` in the place of the solution and run
# the notebook again.

# %% id=stop
naive.stop()
solution.stop()
