"""Looks for the key in what the other tests were told, and skips when that is nothing."""

FILE = "test_app.py"
CAUGHT_BY = ("test_each_test_passes_alone",)


TOLD: list[httpx.Response] = []


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app) as client:
        client.event_hooks = {"response": [TOLD.append]}
        yield client


@pytest.mark.parametrize("secret", ["test-key", "alice-token"])
def test_no_answer_shows_a_secret(secret: str) -> None:
    if not TOLD:
        pytest.skip("nobody was told anything")
    assert not any(secret in answer.text for answer in TOLD)


def test_what_the_llm_says_of_its_failure_stays_here(client: TestClient, llm: respx.Route) -> None:
    llm.respond(500, json={"error": {"message": "test-key is over its quota"}})
    assert "quota" not in ask(client).text
