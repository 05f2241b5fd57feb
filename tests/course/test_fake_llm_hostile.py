"""The fake LLM against clients that send too much, too little, nonsense, or nothing at all."""

import contextlib
import socket
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fake_llm_client import ask, chat, client_of, connected, raw, read_all, read_until

from course.fake_llm import FakeLLM, Gate, Limits, Reply

MEGABYTE = 1024 * 1024
GOOD = httpx.Request("POST", "http://x", json=chat()).content


@pytest.fixture(scope="module")
def server() -> Iterator[FakeLLM]:
    with FakeLLM() as llm:
        yield llm


@pytest.fixture
def llm(server: FakeLLM) -> Iterator[FakeLLM]:
    """Whatever a test did, the next client is served and nothing is left over."""
    server.reset()
    yield server
    assert ask(server).status_code == 200
    assert server.wait_for(lambda: server.in_flight == 0)


# Too much.


def pieces(megabytes: int) -> Iterator[bytes]:
    for _ in range(megabytes):
        yield b"x" * MEGABYTE


@pytest.mark.parametrize("has_length", [True, False])
def test_a_huge_body_is_refused_and_takes_no_memory(llm: FakeLLM, has_length: bool) -> None:
    length = {"content-length": str(100 * MEGABYTE)} if has_length else {}
    ask(llm)
    tracemalloc.start()
    with client_of(llm) as client:
        answer = client.post("/chat/completions", content=pieces(100), headers=length)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "request_too_large"
    assert answer.headers["connection"] == "close"
    assert peak < 8 * MEGABYTE
    assert (llm.calls[-1].status, llm.calls[-1].body) == (413, None)


def test_a_body_is_refused_from_one_byte_too_many() -> None:
    with FakeLLM(limits=Limits(body_bytes=len(GOOD))) as llm, client_of(llm) as client:
        assert client.post("/chat/completions", content=GOOD).status_code == 200
        assert client.post("/chat/completions", content=GOOD + b" ").status_code == 413


def test_a_client_that_asks_first_need_not_send_what_is_too_much(llm: FakeLLM) -> None:
    with connected(llm) as connection:
        head = "POST /v1/chat/completions HTTP/1.1\r\nHost: llm\r\nExpect: 100-continue\r\n"
        connection.sendall(f"{head}Content-Length: {2 * MEGABYTE}\r\n\r\n".encode())
        assert read_all(connection).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_asks_first_is_told_to_go_on(llm: FakeLLM) -> None:
    request = raw(GOOD, "Expect: 100-continue")
    with connected(llm) as connection:
        connection.sendall(request.removesuffix(GOOD))
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        connection.sendall(GOOD)
        assert b"chat.completion" in read_until(connection, b"}}")


@pytest.mark.parametrize(
    "head",
    [
        "X-Long: " + "x" * 100_000 + "\r\n\r\n",
        "\r\n".join(f"X-{n}: {n}" for n in range(20_000)) + "\r\n\r\n",
        "X-Endless: " + "x" * 1_000_000,
    ],
    ids=["one long header", "many headers", "a header without end"],
)
def test_too_long_a_head_is_refused(llm: FakeLLM, head: str) -> None:
    with connected(llm) as connection:
        connection.sendall(f"GET /v1/models HTTP/1.1\r\nHost: llm\r\n{head}".encode())
        assert read_all(connection).startswith(b"HTTP/1.1 431 ")
    assert llm.requests == []


def test_a_hundred_thousand_questions_in_one_do_not_count_as_one() -> None:
    with FakeLLM() as llm, client_of(llm) as client:
        body = b'{"model": "m", "input": [' + b'"x",' * 200_000 + b'"x"]}'
        assert client.post("/embeddings", content=body).status_code == 400


# Too little, or too slowly.


@pytest.fixture
def hurried() -> Iterator[FakeLLM]:
    with FakeLLM(limits=Limits(request_seconds=0.1)) as llm:
        yield llm


@pytest.mark.parametrize("cut", [1, 20, -1])
def test_half_a_request_is_given_up(hurried: FakeLLM, cut: int) -> None:
    with connected(hurried) as connection:
        connection.sendall(raw(GOOD)[:cut])
        assert read_all(connection).startswith(b"HTTP/1.1 408 ")
    assert hurried.requests == []


def test_a_connection_without_any_request_is_closed(hurried: FakeLLM) -> None:
    with connected(hurried) as connection:
        assert read_all(connection) == b""


def test_half_a_request_after_a_whole_one_is_given_up(hurried: FakeLLM) -> None:
    with connected(hurried) as connection:
        connection.sendall(raw(GOOD))
        read_until(connection, b"}}")
        connection.sendall(raw(GOOD)[:-1])
        assert read_all(connection).startswith(b"HTTP/1.1 408 ")


def test_a_connection_that_was_used_may_rest_as_long_as_it_likes(hurried: FakeLLM) -> None:
    with connected(hurried) as used:
        used.sendall(raw(GOOD))
        read_until(used, b"}}")
        with connected(hurried) as silent:
            assert read_all(silent) == b""
        used.sendall(raw(GOOD))
        assert read_until(used, b"}}").startswith(b"HTTP/1.1 200 ")


def test_an_answer_may_take_longer_than_its_request(hurried: FakeLLM) -> None:
    gate = Gate()
    hurried.script(Reply("late", gate=gate))
    with connected(hurried) as waiting:
        waiting.sendall(raw(GOOD))
        assert gate.wait_for_waiting(1)
        with connected(hurried) as silent:
            assert read_all(silent) == b""
        gate.open()
        assert b"late" in read_until(waiting, b"}}")


def test_a_request_may_come_byte_by_byte(llm: FakeLLM) -> None:
    with connected(llm) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in raw(GOOD):
            connection.sendall(bytes([byte]))
        assert read_until(connection, b"}}").startswith(b"HTTP/1.1 200 ")


# Nonsense.


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
        b"\0\xff\xfe\n\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 100 + b"\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(llm: FakeLLM, data: bytes) -> None:
    with connected(llm) as connection:
        connection.sendall(data)
        status = read_all(connection).partition(b"\r\n")[0]
        assert status[:10] in (b"HTTP/1.1 4", b"HTTP/1.1 5")
    assert llm.requests == []


@pytest.mark.parametrize("target", ["*", "http://other/v1/models", "/v1//models", "/%76%31/models"])
def test_odd_targets_are_not_found(llm: FakeLLM, target: str) -> None:
    with connected(llm) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert read_until(connection, b"}}").startswith(b"HTTP/1.1 404 ")


def test_an_old_client_is_answered_and_closed(llm: FakeLLM) -> None:
    body = httpx.Request("POST", "http://x", json=chat(stream=True)).content
    with connected(llm) as connection:
        connection.sendall(raw(body).replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert read_all(connection).endswith(b"\n\ndata: [DONE]\n\n")
    assert llm.calls[0].outcome == "answered"


# Requests in a row.


def test_pipelined_requests_are_answered_in_order(llm: FakeLLM) -> None:
    llm.script(*(Reply(f"<{n}>") for n in range(300)))
    with connected(llm) as connection:
        connection.sendall(raw(GOOD) * 299 + raw(GOOD, "Connection: close"))
        answers = read_all(connection)
    assert answers.count(b"HTTP/1.1 200 ") == 300
    positions = [answers.index(b"<%d>" % n) for n in range(300)]
    assert positions == sorted(positions)
    assert llm.peak_in_flight == 1


def test_a_flood_behind_a_held_answer_waits_outside(llm: FakeLLM) -> None:
    gate = Gate()
    llm.script(Reply("first", gate=gate))
    with connected(llm) as connection, ThreadPoolExecutor() as pool:
        connection.sendall(raw(GOOD))
        assert gate.wait_for_waiting(1)
        tracemalloc.start()
        flood = pool.submit(connection.sendall, raw(GOOD) * 100_000)
        assert ask(llm).status_code == 200
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 2 * len(raw(GOOD)) * 100_000
        connection.shutdown(socket.SHUT_RDWR)
        assert isinstance(flood.exception(), OSError)
        gate.open()
    assert llm.wait_for(lambda: llm.in_flight == 0)


# Clients that do not read.


def test_a_client_that_does_not_read_holds_up_its_own_stream_only(llm: FakeLLM) -> None:
    llm.script(Reply(chunks=["x" * 99_999 + " "] * 200))
    body = httpx.Request("POST", "http://x", json=chat(stream=True)).content
    with connected(llm) as connection:
        connection.sendall(raw(body))
        assert llm.wait_for_calls(1)
        sent = -1
        while llm.calls[0].chunks_sent > sent:  # the kernel takes some megabytes
            sent = llm.calls[0].chunks_sent
            assert ask(llm).status_code == 200
        assert (llm.calls[0].outcome, sent < 200) == ("open", True)
    assert llm.wait_for(lambda: llm.calls[0].aborted)
    assert llm.calls[0].tokens_thrown_away == 1


# Many clients.


@contextlib.contextmanager
def many(llm: FakeLLM, number: int) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(connected(llm)) for _ in range(number)]


def test_five_hundred_silent_connections_do_not_keep_others_out(llm: FakeLLM) -> None:
    with many(llm, 500):
        assert ask(llm).status_code == 200
        assert llm.open_connections <= llm.limits.connections


def test_five_hundred_half_requests_do_not_keep_others_out(llm: FakeLLM) -> None:
    with many(llm, 500) as connections:
        for connection in connections:
            connection.sendall(raw(GOOD)[:-1])
        assert ask(llm).status_code == 200


def test_five_hundred_calls_at_once_are_all_answered(llm: FakeLLM) -> None:
    with many(llm, 500) as connections:
        for connection in connections:
            connection.sendall(raw(GOOD))
        for connection in connections:
            assert read_until(connection, b"}}").startswith(b"HTTP/1.1 200 ")
    assert len(llm.calls) == 500
    assert llm.connections == 500


def test_at_the_limit_a_newcomer_waits_until_a_call_has_ended() -> None:
    gate = Gate()
    with FakeLLM(limits=Limits(connections=2)) as llm:
        llm.script(Reply("held", gate=gate), Reply("held", gate=gate))
        with many(llm, 3) as connections:
            for connection in connections:
                connection.sendall(raw(GOOD))
            assert gate.wait_for_waiting(2)
            assert (llm.open_connections, len(llm.calls)) == (2, 2)
            gate.release()
            assert llm.wait_for_calls(3)
            gate.open()
            for connection in connections:
                assert read_until(connection, b"}}").startswith(b"HTTP/1.1 200 ")


def test_the_idle_connection_of_a_pool_is_kept_while_there_is_room() -> None:
    with FakeLLM(limits=Limits(connections=3)) as llm, client_of(llm) as client:
        client.post("/chat/completions", json=chat())
        ask(llm)
        ask(llm)
        client.post("/chat/completions", json=chat())
        assert llm.connections == 3
        assert llm.calls[0].connection == llm.calls[-1].connection
