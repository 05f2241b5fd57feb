"""Is content with a 200, whatever the answer says."""

FILE = "test_app.py"
CAUGHT_BY = ("test_a_wrong_app_is_noticed[tokens]",)


def test_the_answer_is_what_the_llm_said(client: TestClient, llm: respx.Route) -> None:
    assert ask(client).status_code == 200


def test_the_app_answers_over_a_real_socket(server: str, llm: respx.Route) -> None:
    answer = httpx.post(f"{server}/query", json=QUESTION, headers=ALICE)
    assert answer.status_code == 200
