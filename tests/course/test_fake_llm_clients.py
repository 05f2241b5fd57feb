"""The fake LLM and the clients people use: the openai package, httpx and the standard library."""

import asyncio
import http.client
import json
from collections.abc import Iterator

import httpx
import openai
import pytest
from fake_llm_client import chat, texts_of

from course.fake_llm import FakeLLM, Gate, Reply


@pytest.fixture(scope="module")
def server() -> Iterator[FakeLLM]:
    with FakeLLM(api_key="test-key") as llm:
        yield llm


@pytest.fixture
def llm(server: FakeLLM) -> FakeLLM:
    server.reset()
    return server


@pytest.fixture
def client(llm: FakeLLM) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=llm.base_url, api_key=llm.api_key, timeout=5) as client:
        yield client


def complete(client: openai.OpenAI, prompt: str = "hello") -> str | None:
    answer = client.chat.completions.create(
        model="gpt-4", messages=[{"role": "user", "content": prompt}]
    )
    return answer.choices[0].message.content


# The openai package, synchronous.


def test_openai_reads_a_completion_with_its_usage(llm: FakeLLM, client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="gpt-4", messages=[{"role": "user", "content": "hello"}]
    )
    expected = llm.usage_of("hello", llm.answer_to("hello"))
    assert answer.choices[0].message.content == llm.answer_to("hello")
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == expected.total_tokens
    assert answer._request_id == "req_1"


def test_openai_reads_a_stream_with_its_usage(llm: FakeLLM, client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="gpt-4",
        messages=[{"role": "user", "content": "hello"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    *chunks, last = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == llm.answer_to("hello")
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens == llm.calls[0].tokens_made


def test_openai_reads_a_stream_as_it_comes(llm: FakeLLM, client: openai.OpenAI) -> None:
    gate = Gate(1)
    llm.script(Reply(chunks=("one", "two"), gate=gate))
    seen = []
    with client.chat.completions.create(
        model="gpt-4", messages=[{"role": "user", "content": "x"}], stream=True
    ) as stream:
        for chunk in stream:
            if chunk.choices[0].delta.content:
                seen.append(chunk.choices[0].delta.content)
                assert llm.calls[0].chunks_sent == len(seen)
                gate.release()
    assert seen == ["one", "two"]


def test_openai_leaving_a_stream_is_seen_by_the_llm(llm: FakeLLM, client: openai.OpenAI) -> None:
    llm.script(Reply(chunks=("one", "two", "three"), gate=Gate(2)))
    with client.chat.completions.create(
        model="gpt-4", messages=[{"role": "user", "content": "x"}], stream=True
    ) as stream:
        next(iter(stream))
    assert llm.wait_for(lambda: llm.calls[0].aborted)


def test_openai_reads_embeddings_in_both_encodings(llm: FakeLLM, client: openai.OpenAI) -> None:
    packed = client.embeddings.create(model="embed", input=["a cat", "a dog"], dimensions=64)
    plain = client.embeddings.create(
        model="embed", input=["a cat", "a dog"], dimensions=64, encoding_format="float"
    )
    assert [call.body["encoding_format"] for call in llm.calls] == ["base64", "float"]
    assert [len(item.embedding) for item in packed.data] == [64, 64]
    for one, other in zip(packed.data, plain.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)
    assert packed.usage.total_tokens == 4


def test_openai_lists_models(llm: FakeLLM, client: openai.OpenAI) -> None:
    assert "gpt-4" in [model.id for model in client.models.list()]
    assert client.models.retrieve("gpt-4").owned_by == "fake-llm"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-0")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(status=400), openai.BadRequestError),
        (Reply(status=403), openai.PermissionDeniedError),
        (Reply(status=422), openai.UnprocessableEntityError),
        (Reply(status=429), openai.RateLimitError),
        (Reply(status=500), openai.InternalServerError),
        (Reply(hang_up_after=0), openai.APIConnectionError),
        (Reply(hang_up_after=1), openai.APIConnectionError),
        (Reply(silent_after=0), openai.APITimeoutError),
    ],
)
def test_openai_knows_each_failure(
    llm: FakeLLM, client: openai.OpenAI, reply: Reply, error: type[Exception]
) -> None:
    llm.always(reply)
    with pytest.raises(error):
        complete(client.with_options(max_retries=0, timeout=0.2))
    assert len(llm.calls) == 1


def test_openai_knows_a_wrong_key(llm: FakeLLM, client: openai.OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError, match="Incorrect API key"):
        complete(client.with_options(api_key="wrong"))


def test_openai_sees_the_error_in_a_stream(llm: FakeLLM, client: openai.OpenAI) -> None:
    llm.script(Reply(chunks=("one", "two"), error_after=1, message="It broke."))
    stream = client.chat.completions.create(
        model="gpt-4", messages=[{"role": "user", "content": "x"}], stream=True
    )
    with pytest.raises(openai.APIError, match="It broke"):
        list(stream)


def test_openai_retries_after_the_time_it_was_told(llm: FakeLLM, client: openai.OpenAI) -> None:
    limited = Reply(status=429, headers={"retry-after-ms": "1"})
    llm.script(limited, Reply(status=503, retry_after=0.001), Reply("third time lucky"))
    assert complete(client.with_options(max_retries=2)) == "third time lucky"
    assert [call.status for call in llm.calls] == [429, 503, 200]
    assert llm.connections == 1


# The openai package, asynchronous.


def test_async_openai_reads_many_streams_at_once(llm: FakeLLM) -> None:
    gate = Gate()
    llm.always(Reply(gate=gate))

    async def read(client: openai.AsyncOpenAI, prompt: str) -> str:
        stream = await client.chat.completions.create(
            model="gpt-4", messages=[{"role": "user", "content": prompt}], stream=True
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    async def read_all() -> list[str]:
        async with openai.AsyncOpenAI(base_url=llm.base_url, api_key=llm.api_key) as client:
            reading = asyncio.gather(*(read(client, f"prompt {n}") for n in range(10)))
            assert await asyncio.to_thread(gate.wait_for_waiting, 10)
            gate.open()
            return await reading

    texts = asyncio.run(read_all())
    assert texts == [llm.answer_to(f"prompt {n}") for n in range(10)]
    assert llm.peak_in_flight == 10


def test_async_openai_cancelled_is_seen_by_the_llm(llm: FakeLLM) -> None:
    llm.always(Reply(gate=Gate()))

    async def ask_and_give_up() -> None:
        async with openai.AsyncOpenAI(base_url=llm.base_url, api_key=llm.api_key) as client:
            asking = asyncio.create_task(
                client.chat.completions.create(
                    model="gpt-4", messages=[{"role": "user", "content": "x"}]
                )
            )
            assert await asyncio.to_thread(llm.wait_for_calls, 1)
            asking.cancel()
            await asyncio.wait([asking])
            assert await asyncio.to_thread(llm.wait_for, lambda: llm.calls[0].aborted)

    asyncio.run(ask_and_give_up())


# httpx.


def test_async_httpx_gets_many_answers_at_once(llm: FakeLLM) -> None:
    async def ask_all() -> list[int]:
        headers = {"authorization": "Bearer test-key"}
        async with httpx.AsyncClient(base_url=llm.base_url, headers=headers) as client:
            asked = [client.post("/chat/completions", json=chat(str(n))) for n in range(50)]
            return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert asyncio.run(ask_all()) == [200] * 50
    assert len(llm.calls) == 50


def test_async_httpx_reads_lines_whatever_the_text_holds(llm: FakeLLM) -> None:
    said = "one\u2028two\r\nthree\x0bfour\x85five 🙂"
    llm.script(Reply(said))

    async def read() -> list[str]:
        headers = {"authorization": "Bearer test-key"}
        async with (
            httpx.AsyncClient(base_url=llm.base_url, headers=headers) as client,
            client.stream("POST", "/chat/completions", json=chat(stream=True)) as answer,
        ):
            return [line async for line in answer.aiter_lines() if line]

    assert "".join(texts_of("\n\n".join(asyncio.run(read())))) == said


# The standard library.


def test_http_client_reuses_its_connection(llm: FakeLLM) -> None:
    host = llm.base_url.removeprefix("http://").removesuffix("/v1")
    connection = http.client.HTTPConnection(host, timeout=5)
    for prompt in ("one", "two"):
        connection.request(
            "POST",
            "/v1/chat/completions",
            body=json.dumps(chat(prompt)),
            headers={"Authorization": "Bearer test-key", "Content-Type": "application/json"},
        )
        answer = json.loads(connection.getresponse().read())
        assert answer["choices"][0]["message"]["content"] == llm.answer_to(prompt)
    connection.close()
    assert llm.connections == 1
