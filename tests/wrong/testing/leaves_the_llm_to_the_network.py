"""Relies on nobody being at the address of the LLM."""

FILE = "test_app.py"
CAUGHT_BY = ("test_the_tests_open_no_connection",)


def test_health_needs_no_token(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert ask(client).status_code == 502
