"""What the fake LLM says, and when: replies, streams, gates, barriers and failures."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fake_llm_client import ask, chat, client_of, data_of, texts_of

from course.fake_llm import Barrier, FakeLLM, Gate, Reply, Usage


@pytest.fixture(scope="module")
def server() -> Iterator[FakeLLM]:
    with FakeLLM(api_key="test-key") as llm:
        yield llm


@pytest.fixture
def llm(server: FakeLLM) -> FakeLLM:
    server.reset()
    return server


# The default answer.


def test_the_default_answer_can_be_known_beforehand(llm: FakeLLM) -> None:
    prompt = "What is a token?"
    answer = ask(llm, prompt).json()
    assert answer["choices"][0]["message"] == {
        "role": "assistant",
        "content": llm.answer_to(prompt),
    }
    usage = llm.usage_of(prompt, llm.answer_to(prompt))
    assert answer["usage"] == {
        "prompt_tokens": 5,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }


def test_the_default_answer_reads_like_one(llm: FakeLLM) -> None:
    answer = llm.answer_to("What is a token?")
    assert '"What is a token?"' in answer
    assert 20 <= len(answer.split()) <= 50
    assert answer.startswith(llm.nonce)


def test_another_prompt_or_another_nonce_gives_another_answer(llm: FakeLLM) -> None:
    long = "word " * 1000
    first = {llm.answer_to("one"), llm.answer_to("two"), llm.answer_to(long + "a")}
    llm.reset()
    second = {llm.answer_to("one"), llm.answer_to("two"), llm.answer_to(long + "b")}
    assert len(first | second) == 6


@pytest.mark.parametrize("prompt", ["", "\ud800", "é\u2028\r\n" * 50, "x" * 8000, "{}%s\0"])
def test_every_prompt_has_an_answer(llm: FakeLLM, prompt: str) -> None:
    escaped = httpx.Request("POST", "http://x", json=chat("PROMPT")).content.decode()
    body = escaped.replace('"PROMPT"', ascii_json(prompt))
    with client_of(llm) as client:
        answer = client.post("/chat/completions", content=body)
    assert answer.json()["choices"][0]["message"]["content"] == llm.answer_to(prompt)


def ascii_json(text: str) -> str:
    return '"' + "".join(f"\\u{ord(character):04x}" for character in text) + '"'


def test_equal_scripts_and_requests_give_equal_bytes() -> None:
    def run() -> list[bytes]:
        with FakeLLM(nonce="") as llm, client_of(llm) as client:
            llm.script(Reply("Hello."), Reply(status=429, retry_after=2))
            streamed = chat("three", stream=True, stream_options={"include_usage": True})
            bodies = [chat("one"), chat("two"), streamed]
            posted = [client.post("/chat/completions", json=body) for body in bodies]
            embedded = client.post("/embeddings", json={"model": "m", "input": "a b"})
            answers = [*posted, embedded, client.get("/models")]
            return [repr(answer.headers.raw).encode() + answer.content for answer in answers]

    assert run() == run()


# Scripts.


def test_scripted_replies_are_used_in_order_and_then_the_default(llm: FakeLLM) -> None:
    llm.script(Reply("one"), Reply("two", model="gpt-5", finish_reason="length"))
    with client_of(llm) as client:
        answers = [client.post("/chat/completions", json=chat("x")).json() for _ in range(3)]
    assert [answer["model"] for answer in answers] == ["gpt-4", "gpt-5", "gpt-4"]
    choices = [answer["choices"][0] for answer in answers]
    texts = ["one", "two", llm.answer_to("x")]
    assert [choice["message"]["content"] for choice in choices] == texts
    assert [choice["finish_reason"] for choice in choices] == ["stop", "length", "stop"]


def test_when_goes_before_script_and_script_before_always_and_that_before_behave(
    llm: FakeLLM,
) -> None:
    llm.behave(lambda call: Reply("behaved") if call.path == "/chat/completions" else None)
    behaved = text(ask(llm))
    llm.always(Reply("always"))
    llm.script(Reply("script"))
    llm.when("dog", Reply("dog"))
    llm.when("hot dog", Reply("sausage"))
    prompts = ["a dog", "a hot dog", "a cat", "a cow"]
    assert behaved == "behaved"
    assert [text(ask(llm, p)) for p in prompts] == ["dog", "sausage", "script", "always"]


def text(answer: httpx.Response) -> str:
    content = answer.json()["choices"][0]["message"]["content"]
    assert isinstance(content, str)
    return content


def test_a_refused_request_uses_no_scripted_reply(llm: FakeLLM) -> None:
    llm.script(Reply("for the next good one"))
    with client_of(llm) as client:
        wrong_key = {"authorization": "Bearer wrong"}
        assert client.post("/chat/completions", json=chat(), headers=wrong_key).status_code == 401
        assert client.post("/chat/completions", json={"model": "gpt-4"}).status_code == 400
    assert text(ask(llm)) == "for the next good one"


def test_models_and_embeddings_have_defaults_of_their_own(llm: FakeLLM) -> None:
    llm.always(Reply(status=503), path="/models")
    llm.always(Reply(status=429), path="/embeddings")
    llm.script(Reply("for a chat"))
    with client_of(llm) as client:
        assert client.get("/models").status_code == 503
        assert client.get("/models/gpt-4").status_code == 503
        assert client.post("/embeddings", json={"model": "m", "input": "x"}).status_code == 429
    assert text(ask(llm)) == "for a chat"


def test_a_path_that_does_not_exist_cannot_be_scripted(llm: FakeLLM) -> None:
    with pytest.raises(ValueError, match="/chat/completions, /embeddings, /models"):
        llm.always(Reply(), path="/v1/models")
    with pytest.raises(ValueError, match="There is no '/completions'"):
        llm.when("x", Reply(), path="/completions")


def test_a_behaviour_that_raises_says_so_in_its_answer(llm: FakeLLM) -> None:
    llm.behave(lambda call: Reply(text=call.headers["no-such-header"]))
    answer = ask(llm)
    assert answer.status_code == 500
    assert "KeyError('no-such-header')" in answer.json()["error"]["message"]


def test_a_reply_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="joined"):
        Reply(text="ab", chunks=("a", "c"))
    with pytest.raises(TypeError, match="not one text"):
        Reply(chunks="abc")
    with pytest.raises(ValueError, match="200 to 599"):
        Reply(status=99)


@pytest.mark.parametrize(
    ("name", "value"),
    [("X", "a\r\nY: b"), ("X Y", "a"), ("X", "\u2028"), ("", "a"), ("Content-Length", "1")],
)
def test_a_header_that_would_break_the_answer_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="cannot have the header"):
        Reply(headers={name: value})


def test_usage_can_be_another_or_none(llm: FakeLLM) -> None:
    llm.script(Reply(usage=Usage(100, 200)), Reply(send_usage=False))
    assert ask(llm).json()["usage"]["total_tokens"] == 300
    assert "usage" not in ask(llm).json()


def test_bytes_of_any_kind_can_be_the_answer(llm: FakeLLM) -> None:
    llm.script(
        Reply(body=b"<html>", content_type="text/html", status=200),
        Reply(body=b"[]", headers={"X-Proxy": "yes"}),
        Reply(body=b"data: raw \xff\n\n", content_type="text/event-stream"),
    )
    page, listed, streamed = ask(llm), ask(llm), ask(llm, stream=True)
    assert (page.content, page.headers["content-type"]) == (b"<html>", "text/html")
    assert (listed.content, listed.headers["x-proxy"]) == (b"[]", "yes")
    assert streamed.content == b"data: raw \xff\n\n"


@pytest.mark.parametrize("status", [204, 304, 307, 400, 418, 500, 503, 599])
def test_any_status_can_be_the_answer(llm: FakeLLM, status: int) -> None:
    llm.script(Reply(status=status, message="The cat sat on it."))
    llm.script(Reply(status=status, message="The cat sat on it."))
    for stream in (False, True):
        answer = ask(llm, stream=stream)
        assert answer.status_code == status
        assert ("The cat sat on it." in answer.text) == (status not in (204, 304))


def test_an_error_says_when_to_come_back(llm: FakeLLM) -> None:
    llm.script(Reply(status=429, retry_after="2"), Reply(status=503, retry_after=7))
    limited, overloaded = ask(llm, stream=True), ask(llm)
    assert limited.headers["retry-after"] == "2"
    assert limited.json()["error"]["code"] == "rate_limit_exceeded"
    assert overloaded.headers["retry-after"] == "7"
    assert overloaded.json()["error"]["type"] == "server_error"


# Streams.


def test_a_stream_is_role_chunks_finish_usage_and_done(llm: FakeLLM) -> None:
    llm.script(Reply(chunks=("one", " two")))
    answer = ask(llm, "hello", stream=True, stream_options={"include_usage": True})
    *chunks, done = data_of(answer.text)
    assert answer.headers["content-type"] == "text/event-stream"
    assert [chunk["choices"][0]["delta"] for chunk in chunks[:-1]] == [
        {"role": "assistant", "content": ""},
        {"content": "one"},
        {"content": " two"},
        {},
    ]
    reasons = [chunk["choices"][0]["finish_reason"] for chunk in chunks[:-1]]
    assert reasons == [None, None, None, "stop"]
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    assert done == "[DONE]"
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1


def test_usage_in_a_stream_has_to_be_asked_for(llm: FakeLLM) -> None:
    llm.script(Reply("x"), Reply("x", send_usage=False))
    assert "usage" not in ask(llm, stream=True).text
    assert "usage" not in ask(llm, stream=True, stream_options={"include_usage": True}).text


@pytest.mark.parametrize(
    "said",
    [
        "",
        " ",
        "one",
        "  one two \n\n three ",
        "a\r\nb\rc\u2028d",
        "data: x\n\nevent: y\n\n",
        "🙂 é",
    ],
)
def test_a_streamed_text_is_whole_and_cut_after_words(llm: FakeLLM, said: str) -> None:
    llm.always(Reply(said))
    pieces = texts_of(ask(llm, stream=True).text)
    assert "".join(pieces) == said
    assert len(pieces) == max(len(said.split()), 1 if said else 0)
    assert text(ask(llm)) == said


def test_the_first_chunk_arrives_before_the_second_is_let_through(llm: FakeLLM) -> None:
    gate = Gate(1)
    llm.script(Reply(chunks=("one", "two"), gate=gate))
    with client_of(llm) as client, client.stream("POST", "/chat/completions", json=streamed()) as s:
        pieces = s.iter_text()
        seen = next(pieces)
        while "one" not in seen:
            seen += next(pieces)
        assert gate.wait_for_waiting(1)
        assert llm.calls[0].chunks_sent == 1
        gate.release()
        rest = "".join(pieces)
    assert texts_of(seen + rest) == ["one", "two"]


def streamed(prompt: str = "x") -> dict[str, object]:
    return chat(prompt, stream=True)


def test_nothing_at_all_is_sent_before_the_first_permit(llm: FakeLLM) -> None:
    gate = Gate()
    llm.script(Reply(gate=gate))
    with ThreadPoolExecutor() as pool:
        pending = pool.submit(ask, llm, stream=True)
        assert gate.wait_for_waiting(1)
        assert [event.what for event in llm.events] == ["received", "holding chunk 1"]
        assert llm.calls[0].status is None
        gate.open()
        assert pending.result().text.endswith("data: [DONE]\n\n")


def test_an_answer_in_one_piece_takes_one_permit(llm: FakeLLM) -> None:
    gate = Gate(1)
    llm.always(Reply("yes", gate=gate))
    assert text(ask(llm)) == "yes"
    with ThreadPoolExecutor() as pool:
        pending = [pool.submit(ask, llm) for _ in range(3)]
        assert gate.wait_for_waiting(3)
        gate.release(2)
        assert llm.wait_for(lambda: gate.waiting == 1)
        gate.open()
        assert [text(answer.result()) for answer in pending] == ["yes"] * 3
    assert text(ask(llm)) == "yes"


def test_a_gate_waited_for_in_vain_says_so() -> None:
    assert not Gate().wait_for_waiting(1, within=0.01)


def test_the_permit_of_a_client_that_left_goes_to_the_next(llm: FakeLLM) -> None:
    gate = Gate()
    llm.always(Reply("yes", gate=gate))
    with client_of(llm) as client, pytest.raises(httpx.ReadTimeout):
        client.post("/chat/completions", json=chat(), timeout=0.05)
    assert llm.wait_for(lambda: llm.calls[0].aborted and gate.waiting == 0)
    gate.release()
    assert text(ask(llm)) == "yes"


# Barriers.


def test_a_barrier_lets_calls_through_that_overlap(llm: FakeLLM) -> None:
    barrier = Barrier(3, patience=60)
    llm.always(Reply("met", barrier=barrier))
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda _: text(ask(llm)), range(3)))
    assert answers == ["met"] * 3
    assert (barrier.met, barrier.broken, llm.peak_in_flight) == (True, False, 3)
    assert text(ask(llm)) == "met"


def test_a_barrier_breaks_when_calls_come_one_by_one(llm: FakeLLM) -> None:
    barrier = Barrier(2, patience=0.05)
    llm.always(Reply("alone", barrier=barrier))
    assert [text(ask(llm)), text(ask(llm))] == ["alone", "alone"]
    assert (barrier.met, barrier.broken, barrier.waiting) == (False, True, 0)


def test_who_leaves_a_barrier_does_not_count(llm: FakeLLM) -> None:
    barrier = Barrier(2, patience=60)
    llm.always(Reply("met", barrier=barrier))
    with client_of(llm) as client, pytest.raises(httpx.ReadTimeout):
        client.post("/chat/completions", json=chat(), timeout=0.05)
    assert llm.wait_for(lambda: llm.calls[0].aborted and barrier.waiting == 0)
    with ThreadPoolExecutor() as pool:
        pending = pool.submit(ask, llm)
        assert llm.wait_for(lambda: barrier.waiting == 1)
        assert not barrier.met
        assert text(ask(llm)) == text(pending.result()) == "met"


# Failures on the way.


@pytest.mark.parametrize("stream", [False, True])
def test_hanging_up_at_once_sends_no_byte(llm: FakeLLM, stream: bool) -> None:
    llm.script(Reply(hang_up_after=0))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        ask(llm, stream=stream)
    assert (llm.calls[0].outcome, llm.calls[0].status) == ("hung_up", None)


def test_a_stream_can_break_off_after_some_chunks(llm: FakeLLM) -> None:
    llm.always(Reply(chunks=("one", "two"), hang_up_after=1))
    seen, error = read_streamed(llm)
    assert texts_of(seen) == ["one"]
    assert isinstance(error, httpx.RemoteProtocolError)
    assert (llm.calls[0].outcome, llm.calls[0].status) == ("hung_up", 200)


def test_a_stream_can_break_off_after_all_chunks_and_before_its_end(llm: FakeLLM) -> None:
    for after in (2, 99):
        llm.script(Reply(chunks=("one", "two"), hang_up_after=after))
        seen, error = read_streamed(llm)
        assert texts_of(seen) == ["one", "two"]
        assert '"finish_reason":"stop"' not in seen
        assert isinstance(error, httpx.RemoteProtocolError)


def test_an_answer_in_one_piece_breaks_off_in_the_middle(llm: FakeLLM) -> None:
    llm.script(Reply("one two", hang_up_after=1))
    with pytest.raises(httpx.RemoteProtocolError, match="closed connection"):
        ask(llm)


def read_streamed(llm: FakeLLM, timeout: float = 5) -> tuple[str, Exception | None]:
    """What came of a stream, and how it broke."""
    seen = ""
    with client_of(llm) as client:
        try:
            with client.stream(
                "POST", "/chat/completions", json=streamed(), timeout=timeout
            ) as answer:
                for piece in answer.iter_text():
                    seen += piece
        except httpx.HTTPError as error:
            return seen, error
    return seen, None


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("after", [0, 1])
def test_silence_is_noticed_by_the_client_and_its_leaving_by_the_llm(
    llm: FakeLLM, stream: bool, after: int
) -> None:
    llm.script(Reply(chunks=("one", "two"), silent_after=after))
    with client_of(llm) as client, pytest.raises(httpx.ReadTimeout):
        client.post("/chat/completions", json=chat(stream=stream), timeout=0.05)
    assert llm.wait_for(lambda: llm.calls[0].aborted)
    assert llm.calls[0].status == (200 if after else None)
    assert "silent" in [event.what for event in llm.events]


def test_a_malformed_frame_is_followed_by_the_rest(llm: FakeLLM) -> None:
    llm.always(Reply(chunks=("one", "two"), malformed_after=1))
    data = data_of(ask(llm, stream=True).text)
    broken = [index for index, item in enumerate(data) if isinstance(item, str)]
    assert broken == [2, 5]
    assert data[5] == "[DONE]"
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        ask(llm).json()


def test_a_malformed_frame_can_come_first(llm: FakeLLM) -> None:
    llm.always(Reply("one", malformed_after=0))
    data = data_of(ask(llm, stream=True).text)
    assert isinstance(data[0], str)
    assert data[1]["choices"][0]["delta"]["role"] == "assistant"


@pytest.mark.parametrize("after", [0, 1])
def test_an_error_frame_ends_a_stream_without_done(llm: FakeLLM, after: int) -> None:
    llm.always(Reply(chunks=("one", "two"), error_after=after, message="upstream secret"))
    answer = ask(llm, stream=True)
    *before, last = data_of(answer.text)
    assert answer.status_code == 200
    assert last["error"]["message"] == "upstream secret"
    assert len(before) == 2 * after
    assert ask(llm).status_code == 500


def test_an_empty_text_is_streamed_as_role_and_end(llm: FakeLLM) -> None:
    llm.script(Reply(text="", gate=Gate()))
    role, finish, done = data_of(ask(llm, stream=True).text)
    assert role["choices"][0]["delta"]["role"] == "assistant"
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert done == "[DONE]"


# Delays: never shorter than said. How much longer is the machine's business.


def test_an_answer_waits_for_its_delay(llm: FakeLLM) -> None:
    llm.script(Reply("x", delay=0.05), Reply(chunks=("a", "b", "c"), chunk_delay=0.05))
    started = time.monotonic()
    ask(llm)
    after_first = time.monotonic()
    ask(llm, stream=True)
    assert after_first - started >= 0.05
    assert time.monotonic() - after_first >= 0.1


def test_others_are_answered_while_one_is_held(llm: FakeLLM) -> None:
    gate = Gate()
    llm.when("held", Reply(gate=gate))
    held = threading.Thread(target=ask, args=(llm, "held"))
    held.start()
    assert gate.wait_for_waiting(1)
    assert ask(llm, "free").status_code == 200
    gate.open()
    held.join()


# Requests that are no good.


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"", None),
        (b"{", None),
        (b"[" * 100_000, None),
        (b"\xff", None),
        (b"[]", None),
        (b'{"model": "gpt-4", "messages": [], "temperature": NaN}', None),
        (b"{}", "model"),
        (b'{"model": 4}', "model"),
        (b'{"model": "gpt-4"}', "messages"),
        (b'{"model": "gpt-4", "messages": []}', "messages"),
        (b'{"model": "gpt-4", "messages": ["x"]}', "messages"),
        (b'{"model": "gpt-4", "messages": [{"role": "user", "content": 1}]}', "messages"),
        (b'{"model": "m", "messages": [{"role": "user"}], "stream": 1}', "stream"),
        (b'{"model": "m", "messages": [{"role": "u"}], "stream_options": 1}', "stream_options"),
    ],
)
def test_what_is_no_chat_is_refused(llm: FakeLLM, body: bytes, param: str | None) -> None:
    with client_of(llm) as client:
        answer = client.post("/chat/completions", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.json()["error"]["param"] == param


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer wrong", "Basic test-key", "test-key"])
def test_a_wrong_key_is_refused(llm: FakeLLM, key: str) -> None:
    with client_of(llm) as client:
        answer = client.post("/chat/completions", json=chat(), headers={"authorization": key})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"


def test_without_a_key_of_its_own_any_key_will_do() -> None:
    with FakeLLM() as llm:
        assert ask(llm).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/chat/completions", 405, "POST"),
        ("HEAD", "/chat/completions", 405, "POST"),
        ("DELETE", "/models/gpt-4", 405, "GET"),
        ("POST", "/models", 405, "GET"),
        ("POST", "/completions", 404, None),
        ("GET", "/models/gpt-0", 404, None),
        ("GET", "/../secret", 404, None),
    ],
)
def test_other_paths_and_methods_are_refused(
    llm: FakeLLM, method: str, path: str, status: int, allow: str | None
) -> None:
    with client_of(llm) as client:
        answers = [client.request(method, path) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status] * 2
    assert answers[0].headers.get("allow") == allow
    assert method == "HEAD" or answers[0].json()["error"]["message"]
    assert llm.connections == 1


def test_a_path_outside_v1_is_not_found(llm: FakeLLM) -> None:
    with client_of(llm) as client:
        url = llm.base_url.removesuffix("/v1") + "/chat/completions"
        assert client.post(url, json=chat()).status_code == 404
    assert (llm.calls, len(llm.requests)) == ([], 1)


# Models and embeddings.


def test_models_are_listed_and_looked_up(llm: FakeLLM) -> None:
    with client_of(llm) as client:
        listed = client.get("/models").json()
        one = client.get("/models/gpt-4").json()
    assert listed["object"] == "list"
    assert one in listed["data"]
    assert one == {"id": "gpt-4", "object": "model", "created": 1700000000, "owned_by": "fake-llm"}


def embeddings(llm: FakeLLM, given: object, **more: object) -> httpx.Response:
    with client_of(llm) as client:
        return client.post("/embeddings", json={"model": "embed", "input": given, **more})


def vectors(llm: FakeLLM, given: object, **more: object) -> list[list[float]]:
    return [item["embedding"] for item in embeddings(llm, given, **more).json()["data"]]


def product(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_embeddings_of_similar_texts_are_near(llm: FakeLLM) -> None:
    cat, also_cat, tax = vectors(
        llm, ["The cat sleeps on the sofa", "a cat that sleeps", "Income tax is due in May"]
    )
    assert product(cat, cat) == pytest.approx(1, abs=1e-4)
    assert product(cat, also_cat) > 0.5 > product(cat, tax) + 0.3


def test_embeddings_have_the_dimensions_asked_for(llm: FakeLLM) -> None:
    assert [len(vector) for vector in vectors(llm, "x", dimensions=8)] == [8]
    assert [len(vector) for vector in vectors(llm, ["x", ""])] == [256, 256]


def test_embeddings_take_token_numbers_too(llm: FakeLLM) -> None:
    assert vectors(llm, [1, 2]) == vectors(llm, [[1, 2]]) == vectors(llm, "1 2")


@pytest.mark.parametrize(
    "body",
    [
        {"input": []},
        {"input": None},
        {"input": [1, "x"]},
        {"input": [None]},
        {"input": ["x"] * 2049},
        {"input": "x", "dimensions": -1},
        {"input": "x", "dimensions": 10**9},
        {"input": "x", "encoding_format": "hex"},
    ],
)
def test_what_cannot_be_embedded_is_refused(llm: FakeLLM, body: dict[str, object]) -> None:
    with client_of(llm) as client:
        answer = client.post("/embeddings", json={"model": "embed", **body})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, list(body)[-1])
