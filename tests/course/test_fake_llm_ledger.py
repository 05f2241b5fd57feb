"""What the fake LLM remembers: calls, events, connections, tokens, and what a reset forgets."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fake_llm_client import ask, chat, client_of, connected, raw, read_until

from course.fake_llm import Event, FakeLLM, Gate, Limits, Reply


@pytest.fixture(scope="module")
def server() -> Iterator[FakeLLM]:
    with FakeLLM(api_key="test-key") as llm:
        yield llm


@pytest.fixture
def llm(server: FakeLLM) -> FakeLLM:
    server.reset()
    return server


def test_a_call_holds_what_was_asked_and_what_came_of_it(llm: FakeLLM) -> None:
    with client_of(llm) as client:
        body = {
            "model": "gpt-4",
            "messages": [
                {"role": "user", "content": "Hello."},
                {"role": "assistant", "content": "Hello?"},
                {"role": "user", "content": [{"type": "text", "text": "One two three?"}]},
            ],
        }
        answer = client.post("/chat/completions?api=1", json=body, headers={"X-Trace": "abc"})
    (call,) = llm.calls
    assert (call.number, call.method, call.path) == (1, "POST", "/chat/completions")
    assert (call.body, call.prompt, call.stream) == (body, "One two three?", False)
    assert call.headers["x-trace"] == "abc"
    assert call.headers["authorization"] == "Bearer test-key"
    assert (call.status, call.outcome, call.aborted) == (200, "answered", False)
    assert call.ended_at is not None
    assert call.first_chunk_at is not None
    assert call.received_at <= call.first_chunk_at <= call.ended_at
    tokens = answer.json()["usage"]["completion_tokens"]
    assert (call.tokens_made, call.tokens_sent, call.tokens_thrown_away) == (tokens, tokens, 0)
    assert repr(call) == "<Call 1: POST /chat/completions, answered 200>"


def test_a_header_sent_twice_is_joined(llm: FakeLLM) -> None:
    with connected(llm) as connection:
        connection.sendall(raw(b"{}", "X-Twice: one", "x-twice: two"))
        read_until(connection, b"}}")
    assert llm.calls[0].headers["x-twice"] == "one, two"


def test_calls_are_chats_and_embeddings_good_or_bad(llm: FakeLLM) -> None:
    with client_of(llm) as client:
        client.get("/models")
        client.get("/chat/completions")
        client.post("/embeddings", json={"model": "m", "input": ["a", "b"]})
        client.post("/chat/completions", content=b"broken")
        client.post("/chat/completions", json=chat(), headers={"authorization": "Bearer no"})
    assert [call.status for call in llm.calls] == [200, 400, 401]
    assert [call.prompt for call in llm.calls] == ["a\nb", "", "What is a token?"]
    assert [call.number for call in llm.requests] == [1, 2, 3, 4, 5]
    assert llm.calls[1].body is None
    assert llm.in_flight == 0


def test_events_tell_the_story_of_each_call(llm: FakeLLM) -> None:
    llm.script(Reply(chunks=("one", "two"), gate=Gate(2)), Reply(hang_up_after=0))
    ask(llm, stream=True)
    with pytest.raises(httpx.RemoteProtocolError):
        ask(llm)
    told = [(event.call.number, event.what) for event in llm.events]
    assert told == [
        (1, "received"),
        (1, "sent chunk 1"),
        (1, "sent chunk 2"),
        (1, "answered 200"),
        (2, "received"),
        (2, "hung up"),
    ]
    times = [event.at for event in llm.events]
    assert times == sorted(times)


def test_the_ledger_is_never_behind_the_client(llm: FakeLLM) -> None:
    with client_of(llm) as client:
        for number in range(1, 101):
            client.post("/chat/completions", json=chat(stream=number % 2 == 0))
            assert llm.in_flight == 0
            assert [call.outcome for call in llm.calls] == ["answered"] * number


# Who left, and what it cost.


def leave(llm: FakeLLM, stream: bool, chunks: int = 0) -> None:
    """Ask, wait for so many chunks, and close the connection."""
    with connected(llm) as connection:
        body = httpx.Request("POST", "http://x", json=chat(stream=stream)).content
        connection.sendall(raw(body, "Authorization: Bearer test-key"))
        if chunks:
            read_until(connection, b"c%d" % chunks)
        else:
            assert llm.wait_for_calls(1)
            assert llm.wait_for(lambda: len(llm.events) > 1)


def test_a_client_that_leaves_a_stream_is_noticed_while_nothing_is_sent(llm: FakeLLM) -> None:
    gate = Gate(2)
    llm.script(Reply(chunks=("c1", " c2", " c3"), gate=gate))
    leave(llm, stream=True, chunks=2)
    assert llm.wait_for(lambda: llm.calls[0].aborted)
    call = llm.calls[0]
    assert (call.chunks_sent, call.tokens_made, call.tokens_sent) == (2, 2, 2)
    assert (call.tokens_thrown_away, llm.in_flight, call.status) == (0, 0, 200)
    assert [event.what for event in llm.events][-2:] == ["holding chunk 3", "client left"]


def test_an_answer_nobody_waits_for_is_thrown_away(llm: FakeLLM) -> None:
    llm.script(Reply("one two three", gate=Gate()))
    leave(llm, stream=False)
    assert llm.wait_for(lambda: llm.calls[0].aborted)
    call = llm.calls[0]
    assert (call.tokens_made, call.tokens_sent, call.tokens_thrown_away) == (3, 0, 3)
    assert call.status is None


def test_who_leaves_before_the_answer_is_made_wastes_nothing(llm: FakeLLM) -> None:
    llm.script(Reply("one two three", delay=60))
    with connected(llm) as connection:
        body = httpx.Request("POST", "http://x", json=chat()).content
        connection.sendall(raw(body, "Authorization: Bearer test-key"))
        assert llm.wait_for_calls(1)
    assert llm.wait_for(lambda: llm.calls[0].aborted)
    assert llm.calls[0].tokens_made == llm.calls[0].tokens_thrown_away == 0


def test_tokens_are_counted_over_chunks_as_over_the_text(llm: FakeLLM) -> None:
    llm.script(Reply(chunks=("Hel", "lo", ", wor", "", "ld", "!")))
    options = {"include_usage": True}
    answer = ask(llm, stream=True, stream_options=options)
    assert '"completion_tokens":4' in answer.text
    assert llm.calls[0].tokens_made == llm.calls[0].tokens_sent == 4


# In flight.


def test_in_flight_and_its_peak_are_counted(llm: FakeLLM) -> None:
    gate = Gate()
    llm.always(Reply(gate=gate))
    with ThreadPoolExecutor() as pool:
        pending = [pool.submit(ask, llm) for _ in range(4)]
        assert llm.wait_for_calls(4)
        assert llm.in_flight == 4
        gate.open()
        assert [answer.result().status_code for answer in pending] == [200] * 4
    ask(llm)
    assert (llm.in_flight, llm.peak_in_flight) == (0, 4)
    assert [call.in_flight for call in llm.calls] == [1, 2, 3, 4, 1]


def test_asking_for_models_is_not_in_flight(llm: FakeLLM) -> None:
    llm.always(Reply(gate=(gate := Gate())), path="/models")
    with ThreadPoolExecutor() as pool, client_of(llm) as client:
        pending = pool.submit(client.get, "/models")
        assert gate.wait_for_waiting(1)
        assert (llm.in_flight, llm.peak_in_flight, len(llm.requests)) == (0, 0, 1)
        gate.open()
        assert pending.result().status_code == 200


# Connections.


def test_twenty_calls_of_one_client_are_one_connection(llm: FakeLLM) -> None:
    with client_of(llm) as client:
        for number in range(20):
            client.post("/chat/completions", json=chat(stream=bool(number % 2)))
    assert llm.connections == 1
    assert {call.connection for call in llm.calls} == {llm.calls[0].connection}


def test_a_new_client_per_call_is_twenty_connections(llm: FakeLLM) -> None:
    for _ in range(20):
        ask(llm)
    assert llm.connections == 20


def test_refusals_and_errors_keep_the_connection(llm: FakeLLM) -> None:
    llm.script(Reply(status=500), Reply(status=429), Reply(body=b"x"), Reply(error_after=0))
    with client_of(llm) as client:
        for _ in range(4):
            client.post("/chat/completions", json=chat())
        client.get("/nothing")
        client.post("/chat/completions", content=b"{")
        client.post("/chat/completions", json=chat(), headers={"authorization": "no"})
    assert llm.connections == 1


def test_a_connection_without_a_request_is_open_and_not_counted(llm: FakeLLM) -> None:
    before = llm.open_connections
    with connected(llm):
        assert llm.wait_for(lambda: llm.open_connections == before + 1)
        assert llm.connections == 0
    assert llm.wait_for(lambda: llm.open_connections == before)


# Waiting.


def test_waiting_ends_when_it_is_true_or_too_late(llm: FakeLLM) -> None:
    assert not llm.wait_for_calls(1, within=0.01)
    caller = threading.Thread(target=ask, args=(llm,))
    caller.start()
    assert llm.wait_for_calls(1)
    assert llm.wait_for(lambda: llm.calls[0].outcome == "answered")
    caller.join()


# Reset.


def test_a_reset_forgets_everything(llm: FakeLLM) -> None:
    nonce = llm.nonce
    llm.script(Reply("a"), Reply("b"), Reply("c"))
    llm.always(Reply("d"))
    llm.when("What", Reply("e"))
    llm.behave(lambda call: Reply("f"))
    ask(llm)
    llm.reset()
    assert llm.nonce != nonce
    assert (llm.calls, llm.requests, llm.events) == ([], [], [])
    assert (llm.connections, llm.in_flight, llm.peak_in_flight) == (0, 0, 0)
    answer = ask(llm).json()["choices"][0]["message"]["content"]
    assert answer == llm.answer_to("What is a token?")
    assert llm.calls[0].number == 1


def test_a_reset_hangs_up_on_open_calls_and_opens_their_gates(llm: FakeLLM) -> None:
    gate = Gate()
    llm.script(Reply(gate=gate), Reply(silent_after=0))
    with ThreadPoolExecutor() as pool:
        pending = [pool.submit(ask, llm) for _ in range(2)]
        assert llm.wait_for(lambda: len(llm.events) == 4)
        calls = llm.calls
        llm.reset()
        for answer in pending:
            assert isinstance(answer.exception(), httpx.RemoteProtocolError)
    assert [call.outcome for call in calls] == ["hung_up", "hung_up"]
    assert (llm.in_flight, llm.calls) == (0, [])
    llm.script(Reply("through", gate=gate))
    assert "through" in ask(llm).text


def test_a_reset_keeps_connections_that_wait_for_their_next_request(llm: FakeLLM) -> None:
    with client_of(llm) as client:
        used = set()
        for _ in range(50):  # the reset comes as close behind the answer as it can
            client.post("/chat/completions", json=chat())
            used.add(llm.calls[0].connection)
            assert llm.connections == 1
            llm.reset()
    assert len(used) == 1


def test_resetting_again_and_again_under_load_loses_nothing(llm: FakeLLM) -> None:
    stop = threading.Event()
    failures: list[Exception] = []

    def call_on_and_on() -> None:
        with client_of(llm) as client:
            while not stop.is_set():
                try:
                    client.post("/chat/completions", json=chat(stream=True))
                except httpx.TransportError:
                    pass  # it was in flight at the reset
                except Exception as error:  # noqa: BLE001 - shown by the assertion
                    failures.append(error)

    callers = [threading.Thread(target=call_on_and_on) for _ in range(4)]
    for caller in callers:
        caller.start()
    for _ in range(50):
        llm.wait_for_calls(1)
        llm.reset()
    stop.set()
    for caller in callers:
        caller.join()
    assert failures == []
    assert llm.wait_for(lambda: llm.in_flight == 0)


# Bounds.


def test_the_oldest_calls_are_forgotten_and_the_counters_go_on() -> None:
    with FakeLLM(limits=Limits(calls=10, events=15)) as llm:
        with client_of(llm) as client:
            for _ in range(25):
                client.post("/chat/completions", json=chat())
        assert [call.number for call in llm.calls] == list(range(16, 26))
        assert len(llm.events) == 15
        assert llm.wait_for_calls(25, within=0)
        assert llm.connections == 1


def test_large_requests_are_forgotten_sooner() -> None:
    with FakeLLM(limits=Limits(ledger_bytes=50_000)) as llm, client_of(llm) as client:
        for _ in range(10):
            client.post("/chat/completions", json=chat("x" * 20_000))
        assert [call.number for call in llm.calls] == [9, 10]
        client.post("/chat/completions", json=chat("x" * 100_000))
        assert [call.number for call in llm.calls] == [11]


# Events as they happen.


def test_every_event_is_told_in_order() -> None:
    told: list[Event] = []
    with FakeLLM(on_event=told.append) as llm:
        ask(llm)
        events = llm.events
    assert told == events
    assert [event.what for event in told] == ["received", "answered 200"]
