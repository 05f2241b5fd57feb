"""What lesson basic says of its naive version and examples, on the libraries of today."""

from functools import partial

import httpx
import pytest
from fastapi.testclient import TestClient
from lesson_module import load_from

from course.fake_llm import FakeLLM, Gate, Reply, Usage

load = partial(load_from, "01_basic")


def browser(name: str) -> TestClient:
    """A client of the module's app that sees a 500 instead of the exception."""
    return TestClient(load(name).app, raise_server_exceptions=False)


@pytest.fixture
def naive(llm: FakeLLM) -> TestClient:
    return browser("naive.py")


def test_a_sensible_question_gets_the_wrong_model_and_made_up_tokens(
    naive: TestClient, llm: FakeLLM
) -> None:
    llm.script(Reply(text="Rayleigh scattering.", model="gpt-4-0613", usage=Usage(14, 4)))
    answer = naive.post("/query", json={"query": "Why is the sky blue?"})
    assert answer.json() == {"response": "Rayleigh scattering.", "model": "gpt-4", "tokens_used": 2}


@pytest.mark.parametrize("body", [{"query": ""}, {"query": "x", "temperature": 99}])
def test_nonsense_is_passed_on_and_paid_for(
    naive: TestClient, llm: FakeLLM, body: dict[str, object]
) -> None:
    assert naive.post("/query", json=body).status_code == 200
    assert len(llm.calls) == 1


def test_an_endless_question_is_passed_on(naive: TestClient, llm: FakeLLM) -> None:
    assert naive.post("/query", json={"query": "x" * 500_000}).status_code == 200
    assert len(llm.calls[0].prompt) == 500_000


def test_nan_is_500(naive: TestClient) -> None:
    body = b'{"query": "x", "temperature": NaN}'
    answer = naive.post("/query", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 500


@pytest.mark.parametrize("reply", [Reply(status=503), Reply(status=429, retry_after=7)])
def test_a_failing_llm_is_500(naive: TestClient, llm: FakeLLM, reply: Reply) -> None:
    llm.always(reply)
    answer = naive.post("/query", json={"query": "x"})
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert "Retry-After" not in answer.headers


def test_httpx_waits_five_seconds_unless_told_otherwise() -> None:
    assert httpx.Client().timeout == httpx.Timeout(5.0)


def test_a_slow_llm_is_500(
    naive: TestClient, llm: FakeLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = partial(httpx.AsyncClient, timeout=0.2)  # so that no test waits five seconds
    monkeypatch.setattr(httpx, "AsyncClient", impatient)
    llm.always(Reply(gate=Gate()))
    assert naive.post("/query", json={"query": "x"}).status_code == 500


def test_twenty_questions_are_twenty_connections(naive: TestClient, llm: FakeLLM) -> None:
    for _ in range(20):
        naive.post("/query", json={"query": "x"})
    assert (len(llm.calls), llm.connections) == (20, 20)


def test_the_docs_promise_200_and_422(naive: TestClient) -> None:
    document = naive.get("/openapi.json").json()
    assert document["info"]["title"] == "FastAPI"
    assert list(document["paths"]["/query"]["post"]["responses"]) == ["200", "422"]
    assert "example" not in naive.get("/openapi.json").text


def test_an_unfinished_route_is_500_and_looks_finished_in_the_docs() -> None:
    unfinished = browser("examples/unfinished.py")
    assert unfinished.get("/weather", params={"city": "Oslo"}).status_code == 500
    assert "Weather" in unfinished.get("/openapi.json").json()["components"]["schemas"]


def test_constraints_are_checked_and_documented() -> None:
    reviews = browser("examples/constraints.py")
    for body, status in (
        ({"text": "Warm."}, 200),
        ({"text": "é" * 500}, 200),
        ({"text": "é" * 501}, 422),
        ({"text": " \n\u00a0"}, 422),
        ({"text": "Cold.", "stars": 0}, 422),
    ):
        assert reviews.post("/reviews", json=body).status_code == status, body
    assert "Warm and quiet." in reviews.get("/openapi.json").text


def test_a_refused_nan_is_500_although_the_model_refuses_it() -> None:
    review = b'{"text": "Warm.", "stars": NaN}'
    loud = TestClient(load("examples/constraints.py").app)
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        loud.post("/reviews", content=review, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(404, "The carrier does not know this parcel."), (503, "The carrier has a problem.")],
)
def test_own_words_hold_nothing_of_the_error(status: int, sentence: str) -> None:
    example = load("examples/own_words.py")
    carrier = httpx.MockTransport(lambda request: httpx.Response(status))
    client = httpx.Client(base_url="http://10.0.3.7:8000", transport=carrier)
    with pytest.raises(httpx.HTTPStatusError) as caught:
        example.track("A1", client)
    assert "http://10.0.3.7:8000/parcels/A1" in str(caught.value)
    assert example.say(caught.value) == sentence


def test_a_closed_office_has_its_own_words() -> None:
    assert load("examples/own_words.py").say(httpx.ConnectError("")).endswith("is closed.")


def test_what_a_lifespan_opened_is_closed_at_its_end() -> None:
    with TestClient(load("examples/shared.py").app) as client:
        assert client.get("/hello/Ada").json() == "Hello, Ada!"
        visitors = client.app_state["visitors"]
        assert not visitors.closed
    assert visitors.closed


def test_a_declared_failure_is_in_the_docs() -> None:
    library = browser("examples/declared.py")
    assert library.get("/shelves/emma").status_code == 404
    document = library.get("/openapi.json").json()
    assert "404" in document["paths"]["/shelves/{book}"]["get"]["responses"]
