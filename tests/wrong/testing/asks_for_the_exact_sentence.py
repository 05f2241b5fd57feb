"""Compares a sentence that each app says in its own words."""

FILE = "test_app.py"
CAUGHT_BY = (
    "test_the_tests_pass_on_an_app_with_another_lifespan",
    "test_the_tests_pass_on_an_app_in_another_style",
    "test_no_test_fails_on_a_right_app",
)


def test_the_app_answers_over_a_real_socket(server: str, llm: respx.Route) -> None:
    answer = httpx.post(f"{server}/query", json=QUESTION, headers={"Authorization": "Bearer x"})
    assert answer.json() == {"detail": "Nobody has this token."}
