"""Counts the calls of all tests before it, and wants there to be some."""

FILE = "test_app.py"
CAUGHT_BY = (
    "test_the_tests_pass_in_any_order",
    "test_each_test_passes_alone",
)


CALLS: list[int] = []


def ask(client: TestClient, **changes: Any) -> Any:
    CALLS.append(1)
    return client.post("/query", json=QUESTION | changes, headers=ALICE)


def test_the_app_answers_over_a_real_socket(server: str, llm: respx.Route) -> None:
    answer = httpx.post(f"{server}/query", json=QUESTION, headers=ALICE)
    assert (answer.status_code, answer.json()["tokens_used"]) == (200, 42)
    assert CALLS
