"""Changes a constant of the file and never changes it back."""

FILE = "test_app.py"
CAUGHT_BY = ("test_the_tests_pass_in_any_order",)


def test_the_app_answers_over_a_real_socket(server: str, llm: respx.Route) -> None:
    COMPLETION["model"] = "gpt-5"
    llm.respond(json=COMPLETION)
    answer = httpx.post(f"{server}/query", json=QUESTION, headers=ALICE)
    assert (answer.json()["model"], answer.json()["tokens_used"]) == ("gpt-5", 42)
