"""Has one client for all tests; the first one leaves its token in it."""

FILE = "test_app.py"
CAUGHT_BY = (
    "test_the_tests_pass_in_any_order",
    "test_each_test_passes_alone",
)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def test_the_answer_is_what_the_llm_said(client: TestClient, llm: respx.Route) -> None:
    client.headers.update(ALICE)
    said = {"response": "Blue light scatters most.", "model": "gpt-4-0613", "tokens_used": 42}
    assert ask(client).json() == said


def test_a_slow_llm_is_504(client: TestClient, llm: respx.Route) -> None:
    llm.mock(side_effect=httpx.ReadTimeout)
    assert client.post("/query", json=QUESTION).status_code == 504
