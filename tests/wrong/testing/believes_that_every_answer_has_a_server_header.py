"""Asks for a header that only some server adds."""

FILE = "test_app.py"
CAUGHT_BY = (
    "test_the_tests_pass_on_their_own_app",
    "test_the_tests_pass_on_an_app_with_another_lifespan",
    "test_the_tests_pass_on_an_app_in_another_style",
    "test_no_test_fails_on_a_right_app",
)


def test_health_needs_no_token(client: TestClient) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.headers["Server"]) == (200, "uvicorn")
