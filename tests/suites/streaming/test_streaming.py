"""Lesson streaming: the answer of the LLM as server-sent events, each piece as it comes."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from course.fake_llm import FakeLLM, Gate, Reply, Usage
from course.grading.suite import App, Event, FreshApp, NoAnswer, Stream

SETTINGS = {"LLM_MODEL": "house-model"}

framing = pytest.mark.exercise(
    "framing",
    look="frame-the-text",
    idea="What may a text hold, and what would it mean on the wire?",
)
first_token = pytest.mark.exercise(
    "first-token",
    look="yield-as-it-comes",
    idea="Is anything collected before it is yielded?",
)
done = pytest.mark.exercise(
    "done",
    look="say-that-it-is-over",
    idea="How can a client tell an end from a broken line?",
)
early_failure = pytest.mark.exercise(
    "early-failure",
    look="fail-while-there-is-a-status",
    idea="When is the status line sent, and what is known by then?",
)
late_failure = pytest.mark.exercise(
    "late-failure",
    look="fail-in-words-after-that",
    idea="What can still be said once the status line has been sent?",
)
hang_up = pytest.mark.exercise(
    "hang-up",
    look="leave-when-the-client-leaves",
    idea="Who tells the LLM that nobody reads on?",
)
responsive = pytest.mark.exercise(
    "responsive",
    look="wait-without-blocking",
    idea="What else can this process do while it waits for the LLM?",
)
idle = pytest.mark.exercise(
    "idle",
    look="bound-the-silence",
    idea="From when to when does the clock run?",
)
heartbeat = pytest.mark.exercise(
    "heartbeat",
    look="keep-the-line-alive",
    idea="How can one wait for two things, and give up neither?",
)


def texts(events: list[Event]) -> list[str]:
    """What the text events say; events without a text are allowed and say nothing."""
    said = [event.json()["text"] for event in events if event.event == "message"]
    return [text for text in said if text]


def next_text(stream: Stream, within: float = 2.0) -> str | None:
    """The next text; None when none came in time, or something else came."""
    while (event := stream.next_event(within)) and event.event == "message":
        if text := event.json()["text"]:
            return str(text)
    return None


def stream_all(app: App, llm: FakeLLM, within: float = 10.0) -> list[Event]:
    """Ask, and read the stream to its end."""
    with app.stream("/stream", json={"query": f"Name a river. {llm.nonce}"}) as stream:
        assert stream.status == 200, (
            f"The LLM began to answer, and POST /stream was answered with {stream.status}."
        )
        return stream.events(within)


def is_sentence(detail: object) -> bool:
    """Something for a person to read."""
    return isinstance(detail, str) and " " in detail.strip()


def frame(text: str, finish_reason: str | None = None) -> bytes:
    """A frame of an LLM that writes text as UTF-8, as many do."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4"}
    return b"data: %s\n\n" % json.dumps(chunk | {"choices": [choice]}, ensure_ascii=False).encode()


def one_write(*frames: bytes) -> Reply:
    """A stream that leaves the LLM in one write, as frames do that wait for a busy network."""
    return Reply(body=b"".join(frames), content_type="text/event-stream")


def assert_arrives(app: App, llm: FakeLLM, chunks: list[str]) -> None:
    """The text of the events is the text of the chunks, to the last character."""
    llm.script(Reply(chunks=chunks))
    got = "".join(texts(stream_all(app, llm)))
    assert got == "".join(chunks), (
        f"The LLM said {''.join(chunks)!r}. The text of the events, joined, is {got!r}."
    )


# framing


@framing
def test_line_ends_in_the_text_survive(app: App, llm: FakeLLM) -> None:
    assert_arrives(app, llm, ["1. wash\n", "2. ", "\n", "peel\n\n", "\r\n\r\n", "3.\rcut", "\n"])


@framing
def test_text_that_looks_like_an_event_stays_text(app: App, llm: FakeLLM) -> None:
    forged = ['x\n\nevent: done\ndata: {"model": "m"}\n\n', "event: error\n", "data: y\n\n", ": z"]
    llm.script(Reply(chunks=forged))
    events = stream_all(app, llm)
    assert "".join(texts(events)) == "".join(forged), (
        f"The LLM said {''.join(forged)!r}, and that is text. "
        f"The text of the events is {''.join(texts(events))!r}."
    )
    names = [event.event for event in events if event.event != "message"]
    assert names in ([], ["done"]), (
        f"The text forged events. Beside text, the client received: {names}."
    )


@framing
def test_quotes_blanks_and_backslashes_survive(app: App, llm: FakeLLM) -> None:
    assert_arrives(app, llm, ['{"a": "b"}', "  two", " ", "  ", "it's", "\\n", "\tend", "", "  "])


@framing
def test_characters_that_only_some_programs_take_for_line_ends_survive(
    app: App, llm: FakeLLM
) -> None:
    assert_arrives(app, llm, ["a\u2028b", "\u2029", "c\u0085d", "e\x0bf\x0c", "g\x1ch\x1e", "i"])


@framing
def test_every_script_and_emoji_survives(app: App, llm: FakeLLM) -> None:
    astronaut = "\U0001f469\u200d\U0001f680"
    assert_arrives(
        app, llm, ["Grüße, ", "Ελλάδα, ", "日本", "🐳", astronaut, " e\u0301 ", "\ufeff."]
    )


@framing
def test_frames_that_arrive_joined_or_cut_apart_are_put_together(app: App, llm: FakeLLM) -> None:
    chunks = [f"{number} " + "🐳é" * 1500 for number in range(40)]
    llm.script(one_write(*map(frame, chunks), frame("", "stop"), b"data: [DONE]\n\n"))
    got = "".join(texts(stream_all(app, llm)))
    assert got == "".join(chunks), (
        "The LLM sent 40 chunks of 9 kB in one go. The network cuts that where it likes, also in "
        f"the middle of a character. Of {len(''.join(chunks))} characters there came {len(got)}, "
        f"{got.count(chr(0xFFFD))} of them unreadable."
    )


@framing
def test_a_chunk_that_ends_the_answer_may_have_a_text(app: App, llm: FakeLLM) -> None:
    llm.script(one_write(frame("The "), frame("Rhine.", "stop"), b"data: [DONE]\n\n"))
    got = "".join(texts(stream_all(app, llm)))
    assert got == "The Rhine.", (
        "The LLM said 'The ', and then 'Rhine.' together with its finish_reason. "
        f"The text of the events, joined, is {got!r}."
    )


@framing
def test_the_answer_is_declared_an_event_stream(app: App, llm: FakeLLM) -> None:
    with app.stream("/stream", json={"query": f"Name a river. {llm.nonce}"}) as stream:
        kind = stream.headers.get("Content-Type", "")
        stream.events()
    assert kind.partition(";")[0].strip().lower() == "text/event-stream", (
        f"Browsers read events from a text/event-stream only. Your Content-Type is {kind!r}."
    )


@framing
def test_nothing_on_the_way_may_store_or_collect_the_stream(app: App, llm: FakeLLM) -> None:
    with app.stream("/stream", json={"query": f"Name a river. {llm.nonce}"}) as stream:
        lines = [value for name, value in stream.headers.pairs if name.lower() == "cache-control"]
        cache = ", ".join(lines)
        buffering = stream.headers.get("X-Accel-Buffering", "")
        stream.events()
    assert "no-cache" in cache.lower(), (
        f"A cache on the way may keep this stream: its Cache-Control is {cache!r}."
    )
    assert buffering.strip().lower() == "no", (
        "A proxy such as nginx collects an answer before it passes it on, unless "
        f"X-Accel-Buffering says otherwise. Yours is {buffering!r}."
    )


# first-token


@first_token
def test_the_first_event_arrives_before_the_second_token_exists(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=("one", " two"), gate=Gate(1)))
    text = None
    with suppress(NoAnswer), app.stream("/stream", json={"query": llm.nonce}, within=2) as stream:
        text = next_text(stream)
    assert text == "one", (
        "The LLM sent its first token and then waited for you. "
        "Two seconds later no text had reached the client."
    )


@first_token
def test_each_token_arrives_before_the_next_exists(app: App, llm: FakeLLM) -> None:
    gate, chunks = Gate(1), ["Once", " upon", " a time,", " there", " was", " -", " an", " end"]
    llm.script(Reply(chunks=chunks, gate=gate))
    with app.stream("/stream", json={"query": llm.nonce}, within=3) as stream:
        for number, chunk in enumerate(chunks, start=1):
            text = next_text(stream)
            assert text == chunk, (
                f"The LLM sent chunk {number}, {chunk!r}, and waited until you had passed it on. "
                f"Two seconds later the next text at the client was {text!r}."
            )
            gate.release()


@first_token
def test_each_chunk_is_an_event_of_its_own(app: App, llm: FakeLLM) -> None:
    chunks = ["Two words", ".", " A whole sentence, and more. ", "x" * 300, "end"]
    llm.script(one_write(*map(frame, chunks), frame("", "stop"), b"data: [DONE]\n\n"))
    got = texts(stream_all(app, llm))
    assert got == chunks, f"The chunks of the LLM were {chunks}. The texts of your events: {got}."


@first_token
def test_one_question_is_one_call_with_its_key_prompt_and_settings(app: App, llm: FakeLLM) -> None:
    prompt = f"Name a river.\n\tIn one word! {llm.nonce}"
    app.post("/stream", json={"query": prompt, "model": "tiny-2", "temperature": 1.5})
    heard = [f"{call.method} {call.path}" for call in llm.requests]
    assert heard == ["POST /chat/completions"], f"We asked once. What the LLM heard: {heard}."
    call = llm.calls[0]
    sent = (call.headers.get("authorization"), call.body["model"], call.body.get("temperature"))
    assert sent == (f"Bearer {llm.api_key}", "tiny-2", 1.5), (
        "We asked the model tiny-2 at temperature 1.5. "
        f"The Authorization header, the model and the temperature that the LLM got: {sent}."
    )
    message = call.body["messages"][-1]
    assert (message["role"], message["content"]) == ("user", prompt), (
        f"We asked {prompt!r}. The last message that the LLM got is {message}."
    )


@first_token
def test_what_the_request_leaves_out_has_its_default(app: App, llm: FakeLLM) -> None:
    stream_all(app, llm)
    sent = (llm.calls[0].body["model"], llm.calls[0].body.get("temperature"))
    assert sent == ("house-model", 0.7), (
        "We named no model and no temperature. LLM_MODEL is house-model, and 0.7 is the default. "
        f"The LLM got {sent}."
    )


@first_token
def test_a_temperature_of_0_goes_to_the_llm(app: App, llm: FakeLLM) -> None:
    app.post("/stream", json={"query": f"Be exact. {llm.nonce}", "temperature": 0})
    sent = [call.body.get("temperature") for call in llm.calls]
    assert sent == [0], f"We asked at temperature 0. The LLM was asked at {sent}."


@first_token
def test_the_model_is_gpt_4_by_default(fresh_app: FreshApp, llm: FakeLLM) -> None:
    stream_all(fresh_app(LLM_MODEL=None), llm)
    model = llm.calls[0].body.get("model")
    assert model == "gpt-4", f"LLM_MODEL is not set, so the model is gpt-4. You asked {model!r}."


# done


@done
def test_a_finished_answer_ends_with_one_done_event(app: App, llm: FakeLLM) -> None:
    names = [event.event for event in stream_all(app, llm)]
    assert names.count("done") == 1, (
        f"The LLM finished its answer. Among your {len(names)} events were {names.count('done')} "
        "of the name `done`."
    )
    assert names[-1] == "done", f"After `done` there came more: {names[names.index('done') + 1 :]}."
    assert "error" not in names, "The LLM finished its answer, and there was an `error` event."


@done
def test_done_names_the_model_that_answered_and_the_tokens_it_used(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=("Rhine", "."), model="gpt-4-0613", usage=Usage(101, 23)))
    end = stream_all(app, llm)[-1].json()
    assert end.get("model") == "gpt-4-0613", (
        "The LLM said that gpt-4-0613 answered. The last event of your stream says "
        f"{end.get('model')!r}."
    )
    assert end.get("tokens_used") == 124, (
        "The LLM counted 101 tokens in the prompt and 23 in the answer, 124 in all. "
        f"The last event of your stream says {end.get('tokens_used')!r}."
    )
    assert end.get("finish_reason") == "stop", (
        "The LLM's finish_reason was 'stop'. The last event of your stream says "
        f"{end.get('finish_reason')!r}."
    )


@done
def test_an_answer_that_reached_its_length_is_done_too(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=("The", " river"), finish_reason="length"))
    last = stream_all(app, llm)[-1]
    assert (last.event, last.json().get("finish_reason")) == ("done", "length"), (
        "The LLM ended its answer as it should, with the finish_reason 'length'. "
        f"Your last event was `{last.event}` with {last.data}."
    )


@done
def test_the_llm_is_asked_for_a_stream_with_usage(app: App, llm: FakeLLM) -> None:
    stream_all(app, llm)
    body = llm.calls[0].body
    assert body.get("stream") is True, (
        f"The LLM streams when it is asked to. `stream` in your call was {body.get('stream')!r}."
    )
    options = body.get("stream_options") or {}
    assert options.get("include_usage") is True, (
        "A streaming LLM counts its tokens only when it is asked to. "
        f"`stream_options` in your call was {body.get('stream_options')!r}."
    )


@done
def test_an_answer_that_just_stops_is_never_done(app: App, llm: FakeLLM) -> None:
    llm.script(one_write(frame("The river"), frame(" is")), Reply(chunks=COUNT, hang_up_after=4))
    for how in ("ended the connection in good order", "broke the connection"):
        names = [event.event for event in stream_all(app, llm)]
        assert "done" not in names, (
            f"The LLM {how} in the middle of its answer and never said that it had finished. "
            "Your client was told `done`."
        )


@done
def test_an_empty_chunk_is_not_the_end(app: App, llm: FakeLLM) -> None:
    empty = frame("").replace(b'{"content": ""}', b"{}")
    one, two, end = frame("one"), frame(" two"), frame("", "stop") + b"data: [DONE]\n\n"
    llm.script(one_write(one, empty, two, end), one_write(one, two, empty))
    events = stream_all(app, llm)
    assert ("".join(texts(events)), events[-1].event) == ("one two", "done"), (
        "The LLM said 'one', sent a chunk with nothing in it, said ' two' and finished. "
        f"Your client got {''.join(texts(events))!r}, and last the event `{events[-1].event}`."
    )
    names = [event.event for event in stream_all(app, llm)]
    assert "done" not in names, (
        "The LLM sent a chunk with nothing in it, not even a finish_reason, and then ended the "
        "connection in the middle of its answer. Your client was told `done`."
    )


# early-failure


def assert_refused(app: App, llm: FakeLLM, what: str, status: int) -> Stream:
    """POST /stream is answered with that status and one sentence, in plain JSON."""
    with app.stream("/stream", json={"query": f"Name a river. {llm.nonce}"}) as stream:
        assert stream.status == status, (
            f"{what} before any token. Your app answered {stream.status}, not {status}."
        )
        body = stream.json()
    assert list(body) == ["detail"], (
        f"The body of a failure has one field, `detail`. Yours is {bytes(stream.raw)!r}."
    )
    assert is_sentence(body["detail"]), (
        f"`detail` is a sentence for a person. Yours is {body['detail']!r}."
    )
    return stream


def assert_own_words(llm: FakeLLM, told: str) -> None:
    """Nothing of what was told to the client is the LLM's business or ours."""
    for secret, what in (
        (str(llm.api_key), "the key of the LLM"),
        (llm.base_url.removeprefix("http://").removesuffix("/v1"), "the address of the LLM"),
        (f"canary-{llm.nonce}", "the words of the LLM's own error"),
        ("Traceback", "a traceback"),
    ):
        assert secret not in told, f"A caller has no use for {what}. Your app told it: {told!r}."


@early_failure
def test_an_llm_that_refuses_or_fails_is_502(app: App, llm: FakeLLM) -> None:
    for status in (500, 503, 400, 401):
        llm.always(Reply(status=status))
        assert_refused(app, llm, f"The LLM answered {status}", 502)


@early_failure
def test_a_busy_llm_is_503_with_its_retry_after(app: App, llm: FakeLLM) -> None:
    for seconds in (7, 120):
        llm.always(Reply(status=429, retry_after=seconds))
        wait = assert_refused(app, llm, "The LLM answered 429", 503).headers.get("Retry-After")
        assert wait == str(seconds), (
            f"The LLM asked to be left alone for {seconds} seconds (Retry-After). "
            f"Your app told its caller {wait!r}."
        )
    llm.always(Reply(status=429))
    assert_refused(app, llm, "The LLM answered 429 without a Retry-After", 503)


@early_failure
def test_an_answer_that_cannot_be_read_is_502(app: App, llm: FakeLLM) -> None:
    broken = b'data: {"id": "1", "choices": [{"delta": {"con\n\n'
    error = b'data: {"error": {"message": "overloaded", "type": "server_error"}}\n\n'
    for what, reply in (
        ("The LLM hung up", Reply(hang_up_after=0)),
        ("The LLM answered with HTML", Reply(body=b"<html>Welcome to the proxy</html>")),
        ("The LLM answered with a JSON list", Reply(body=b'["hello"]')),
        ("The LLM sent a frame that is no JSON", one_write(broken)),
        ("The LLM sent an error instead of a chunk", one_write(error)),
    ):
        llm.always(reply)
        assert_refused(app, llm, what, 502)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses connections, and that nobody else can take meanwhile."""
    with socket.socket() as bound_but_not_listening:
        bound_but_not_listening.bind(("127.0.0.1", 0))
        yield bound_but_not_listening.getsockname()[1]


@early_failure
def test_an_llm_that_is_not_there_is_502(
    fresh_app: FreshApp, llm: FakeLLM, closed_port: int
) -> None:
    app = fresh_app(LLM_BASE_URL=f"http://127.0.0.1:{closed_port}/v1")
    told = bytes(assert_refused(app, llm, "The connection to the LLM was refused", 502).raw)
    assert_own_words(llm, told.decode())
    assert str(closed_port) not in told.decode(), (
        f"A caller has no use for the address of the LLM. Your app told it: {told!r}."
    )


@early_failure
def test_an_llm_that_says_nothing_at_all_is_504(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_TIMEOUT_SECONDS="0.5")
    llm.always(Reply(silent_after=0))
    what = "The LLM was silent for longer than LLM_TIMEOUT_SECONDS"
    assert_own_words(llm, bytes(assert_refused(app, llm, what, 504).raw).decode())


@early_failure
def test_a_refusal_is_in_your_own_words(app: App, llm: FakeLLM) -> None:
    canary = f"canary-{llm.nonce}: {llm.api_key} is over its quota"
    error = b"data: %s\n\n" % json.dumps({"error": {"message": canary}}).encode()
    for reply, status in (
        *((Reply(status=status, message=canary), 502) for status in (500, 503, 400, 401, 404)),
        (Reply(status=429, message=canary, retry_after=7), 503),
        (Reply(body=canary.encode()), 502),
        (one_write(error), 502),
        (one_write(f"data: canary-{llm.nonce}\n\n".encode()), 502),
    ):
        llm.always(reply)
        stream = assert_refused(app, llm, "The LLM failed", status)
        assert_own_words(llm, bytes(stream.raw).decode() + repr(dict(stream.headers)))


@early_failure
def test_a_request_that_asks_nothing_is_422_and_no_call(app: App, llm: FakeLLM) -> None:
    for body in (
        b"{}",
        b'{"query": ""}',
        b'{"query": " \\t\\n"}',
        b'{"query": ["Name a river."]}',
        b'{"query": "%s"}' % (b"x" * 8001),
        b'{"query": "Name a river.", "temperature": 2.1}',
        b'{"query": "Name a river.", "temperature": -1}',
        b'{"query": "Name a river.", "temperature": NaN}',
        b'{"query": "Name a river.", "temperature": "warm"}',
    ):
        status = app.post("/stream", content=body).status
        assert status == 422, f"We sent {body[:60].decode()}. Your app answered {status}, not 422."
    assert not llm.requests, "All of that was refused, and yet the LLM was called."


# late-failure


def assert_breaks_off(app: App, llm: FakeLLM, what: str) -> str:
    """After `one two` the stream ends with one `error` event; the raw stream is returned."""
    with app.stream("/stream", json={"query": f"Count to four. {llm.nonce}"}) as stream:
        events = stream.events()
    names = [event.event for event in events if event.event != "message"]
    said = "".join(texts(events))
    assert said == "one two", (
        f"{what} after 'one two'. The text that reached the client is {said!r}."
    )
    assert (names, events[-1].event) == (["error"], "error"), (
        f"{what} after 'one two'. Your client was told nothing but text and these events: {names}."
    )
    detail = events[-1].json().get("detail")
    assert is_sentence(detail), f"`detail` is a sentence for a person. Yours is {detail!r}."
    return bytes(stream.raw).decode()


COUNT = ("one", " two", " three", " four")


@late_failure
def test_a_connection_that_breaks_midway_is_an_error_event(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=COUNT, hang_up_after=2))
    assert_breaks_off(app, llm, "The LLM hung up")


@late_failure
def test_an_answer_that_stops_in_good_order_is_an_error_event(app: App, llm: FakeLLM) -> None:
    llm.script(one_write(frame("one"), frame(" two")))
    assert_breaks_off(app, llm, "The LLM ended its stream without a finish_reason or a [DONE]")


@late_failure
def test_a_frame_that_cannot_be_read_is_an_error_event(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=COUNT, malformed_after=2))
    assert_breaks_off(app, llm, "The LLM sent a frame that is no JSON, and then went on,")


@late_failure
def test_an_error_in_the_middle_of_the_stream_is_an_error_event(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=COUNT, error_after=2))
    assert_breaks_off(app, llm, "The LLM sent an error instead of its third chunk")


@late_failure
def test_a_broken_answer_is_not_asked_for_again(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=COUNT, hang_up_after=2), Reply(chunks=COUNT))
    got = "".join(texts(stream_all(app, llm)))
    assert got == "one two", (
        f"The LLM hung up after 'one two'. What the client got in all is {got!r}."
    )
    assert len(llm.calls) == 1, (
        f"A client that has read half an answer cannot use another. The LLM was called "
        f"{len(llm.calls)} times."
    )


@late_failure
def test_an_error_event_is_in_your_own_words(app: App, llm: FakeLLM) -> None:
    canary = f"canary-{llm.nonce}: {llm.api_key} is over its quota"
    for reply in (
        Reply(chunks=COUNT, error_after=2, message=canary),
        one_write(frame("one"), frame(" two"), f"data: canary-{llm.nonce}\n\n".encode()),
        Reply(chunks=COUNT, hang_up_after=2),
    ):
        llm.script(reply)
        assert_own_words(llm, assert_breaks_off(app, llm, "The LLM failed"))


# hang-up


@hang_up
def test_the_llm_call_is_dropped_when_the_client_leaves(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=COUNT, gate=Gate(1)))
    with app.stream("/stream", json={"query": llm.nonce}, within=3) as stream:
        assert next_text(stream) == "one", "The LLM sent its first token. The client never got it."
        stream.hang_up()
    assert llm.wait_for(lambda: llm.calls[0].aborted, within=2), (
        "The client left after the first event, while the LLM was thinking. "
        "Two seconds later your app was still waiting for the rest of the answer."
    )


@hang_up
def test_a_client_that_leaves_takes_only_its_own_call_along(app: App, llm: FakeLLM) -> None:
    gate = Gate(1)
    llm.when("Stay.", Reply(chunks=COUNT, gate=gate))
    llm.when("Leave.", Reply(chunks=COUNT, gate=Gate(1)))
    with (
        app.stream("/stream", json={"query": f"Stay. {llm.nonce}"}, within=3) as stays,
        app.stream("/stream", json={"query": f"Leave. {llm.nonce}"}, within=3) as leaves,
    ):
        first = [next_text(stays), next_text(leaves)]
        assert first == ["one", "one"], f"Two clients asked. Their first texts were {first}."
        leaves.hang_up()
        dropped = llm.wait_for(lambda: any(call.aborted for call in llm.calls), within=2)
        gate.open()
        rest = stays.events()
    assert dropped, "One of two clients left. Two seconds later no call to the LLM was dropped."
    broken = any(event.event == "error" for event in rest)
    assert (texts(rest), broken) == ([" two", " three", " four"], False), (
        "One of two clients left. The other one read on and got "
        f"{[(event.event, event.data) for event in rest]}."
    )


@hang_up
def test_a_client_may_leave_while_tokens_come(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=["word "] * 200, chunk_delay=0.05))
    with app.stream("/stream", json={"query": llm.nonce}, within=3) as stream:
        text = next_text(stream)
        assert text == "word ", "The LLM sent its first token. The client never got it."
        stream.hang_up()
    assert llm.wait_for(lambda: llm.calls[0].aborted, within=2), (
        "The client left after the first event, and the LLM went on with a token every twentieth "
        "of a second. Two seconds later your app still read them, for nobody."
    )


# responsive


@responsive
def test_health_answers_while_a_stream_is_held(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=COUNT, gate=Gate(1)))
    with app.stream("/stream", json={"query": llm.nonce}, within=3) as stream:
        assert next_text(stream) == "one", "The LLM sent its first token. The client never got it."
        response = app.get("/health", within=3)
    assert (response.status, response.json()) == (200, {"status": "ok"}), (
        f"GET /health was answered with {response.status} and {response.text!r}."
    )


@responsive
def test_health_answers_before_the_first_token(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(gate=(gate := Gate())))
    pending = app.begin("POST", "/stream", json={"query": llm.nonce})
    assert gate.wait_for_waiting(1, within=3), "We asked. The LLM was not called."
    response = app.get("/health", within=3)
    gate.open()
    assert response.status == 200, f"GET /health was answered with {response.status}."
    assert pending.result().status == 200, "A stream was held for a moment and then failed."
    assert len(llm.requests) == 1, "A health check costs nothing. Yours called the LLM."


@responsive
def test_a_second_stream_runs_to_its_end_while_one_is_held(app: App, llm: FakeLLM) -> None:
    answer = f"Nobody waits here. {llm.nonce}"
    llm.always(Reply(text=answer))
    llm.when("Wait.", Reply(chunks=COUNT, gate=Gate(1)))
    with app.stream("/stream", json={"query": f"Wait. {llm.nonce}"}, within=3) as held:
        assert next_text(held) == "one", "The LLM sent its first token. The client never got it."
        with app.stream("/stream", json={"query": llm.nonce}, within=3) as second:
            events = second.events(within=3)
    assert "".join(texts(events)) == answer, (
        "While one stream was held, another client asked. "
        f"It got {''.join(texts(events))!r} instead of its answer."
    )


@responsive
def test_streams_side_by_side_keep_their_texts_apart(app: App, llm: FakeLLM) -> None:
    gates = {name: Gate(1) for name in ("ant", "bee", "cat", "dog", "eel", "fox")}
    for name, gate in gates.items():
        llm.when(f"<{name}>", Reply(chunks=(name, f" {name}s", " and more"), gate=gate))
    pending, held = [], []
    for name, gate in gates.items():
        pending.append(app.begin("POST", "/stream", json={"query": f"<{name}>"}))
        held.append(gate.wait_for_waiting(1, within=3))
        if not held[-1]:
            break
    for gate in gates.values():
        gate.open()
    assert all(held), (
        f"Six clients asked, one after the other, and none was answered to the end. When number "
        f"{len(held)} asked, the LLM was not called within three seconds."
    )
    for name, request in zip(gates, pending, strict=True):
        told = request.result().text
        seen = [other for other in gates if f" {other}s" in told]
        assert seen == [name], (
            f"Six clients asked at once. The one that asked for {name!r} was sent {told!r}."
        )


# idle


@idle
def test_silence_between_tokens_becomes_an_error_event(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_TIMEOUT_SECONDS="0.5")
    llm.script(Reply(chunks=COUNT, silent_after=2))
    with app.stream("/stream", json={"query": llm.nonce}) as stream:
        events = []
        while event := stream.next_event(within=3):
            events.append(event)
    said = "".join(texts(events))
    assert said == "one two", (
        f"The LLM said 'one two'. Three seconds later the client had {said!r}."
    )
    names = [event.event for event in events if event.event != "message"]
    assert (names, stream.ended) == (["error"], True), (
        "The LLM said 'one two' and nothing more, and LLM_TIMEOUT_SECONDS is 0.5. Three seconds "
        f"later your client had these events beside text: {names}."
    )
    detail = events[-1].json().get("detail")
    assert is_sentence(detail), f"`detail` is a sentence for a person. Yours is {detail!r}."
    assert_own_words(llm, bytes(stream.raw).decode())


@idle
def test_a_steady_stream_may_last_longer_than_the_timeout(
    fresh_app: FreshApp, llm: FakeLLM
) -> None:
    app = fresh_app(LLM_TIMEOUT_SECONDS="1")
    chunks = [f"{number} " for number in range(13)]
    llm.script(Reply(chunks=chunks, chunk_delay=0.1))
    events = stream_all(app, llm)
    got = "".join(texts(events))
    names = [event.event for event in events if event.event != "message"]
    assert (got, "error" in names) == ("".join(chunks), False), (
        "The LLM sent a token every tenth of a second, for longer than LLM_TIMEOUT_SECONDS (1). "
        f"It counted from 0 to 12. Your client got {got!r}, and beside text these events: {names}."
    )


# heartbeat


@heartbeat
def test_comments_come_as_long_as_the_llm_is_silent(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(HEARTBEAT_SECONDS="0.1")
    llm.script(Reply(chunks=COUNT, gate=Gate(1)))
    with app.stream("/stream", json={"query": llm.nonce}) as stream:
        assert next_text(stream) == "one", "The LLM sent its first token. The client never got it."
        for number in (1, 2):
            comment = stream.next_comment(within=3)
            assert comment is not None, (
                "After its first token the LLM was silent, and HEARTBEAT_SECONDS is 0.1. "
                f"We waited three seconds for comment line number {number}."
            )


@heartbeat
def test_the_answer_goes_on_after_a_heartbeat(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(HEARTBEAT_SECONDS="0.1")
    gate = Gate(1)
    llm.script(Reply(chunks=COUNT, gate=gate))
    with app.stream("/stream", json={"query": llm.nonce}) as stream:
        for chunk in COUNT[:3]:
            text = next_text(stream)
            assert text == chunk, (
                f"The LLM sent {chunk!r}. The next text at the client was {text!r}."
            )
            comment = stream.next_comment(within=3)
            assert comment is not None, (
                f"The LLM fell silent after {chunk!r}, and HEARTBEAT_SECONDS is 0.1. "
                "In three seconds there came no comment line."
            )
            gate.release()
        rest = stream.events()
    names = [event.event for event in rest if event.event != "message"]
    assert (texts(rest), "error" in names) == ([" four"], False), (
        "After three silences the LLM said its last chunk, ' four', and finished. Your client got "
        f"{texts(rest)}, and beside text these events: {names}."
    )


@heartbeat
def test_a_heartbeat_does_not_hide_an_llm_that_is_gone(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(HEARTBEAT_SECONDS="0.1", LLM_TIMEOUT_SECONDS="0.5")
    llm.script(Reply(chunks=COUNT, silent_after=1))
    with app.stream("/stream", json={"query": llm.nonce}) as stream:
        assert next_text(stream) == "one", "The LLM sent its first token. The client never got it."
        last = stream.next_event(within=5)
    assert stream.comments, "The LLM was silent. HEARTBEAT_SECONDS is 0.1: there was no comment."
    assert last is not None, (
        "The LLM was silent for longer than LLM_TIMEOUT_SECONDS (0.5). Your comments went on, and "
        "five seconds later your client still did not know that nothing more would come."
    )
    assert last.event == "error", f"The LLM fell silent. Your client was told `{last.event}`."


@heartbeat
def test_many_short_silences_are_no_long_one(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(HEARTBEAT_SECONDS="0.1", LLM_TIMEOUT_SECONDS="1")
    chunks = [f"{number} " for number in range(16)]
    llm.script(Reply(chunks=chunks, chunk_delay=0.15))
    events = stream_all(app, llm)
    got = "".join(texts(events))
    names = [event.event for event in events if event.event != "message"]
    assert (got, "error" in names) == ("".join(chunks), False), (
        "The LLM sent a token every 0.15 seconds, HEARTBEAT_SECONDS is 0.1 and "
        "LLM_TIMEOUT_SECONDS 1: time for a comment between tokens, and never for an error. "
        f"It counted from 0 to 15. Your client got {got!r}, and beside text these events: {names}."
    )
