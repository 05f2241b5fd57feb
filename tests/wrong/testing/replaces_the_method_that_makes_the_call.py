"""Knows how the app makes its call, and replaces that method of httpx."""

FILE = "test_app.py"
CAUGHT_BY = (
    "test_the_tests_pass_on_an_app_in_another_style",
    "test_no_test_fails_on_a_right_app",
)


def test_the_answer_is_what_the_llm_said(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def post(*_: object, **__: object) -> httpx.Response:
        return httpx.Response(200, json=COMPLETION, request=httpx.Request("POST", LLM_URL))

    monkeypatch.setattr(httpx.AsyncClient, "post", post)
    with respx.mock:  # whatever else is called, is refused
        assert ask(client).json()["tokens_used"] == 42
