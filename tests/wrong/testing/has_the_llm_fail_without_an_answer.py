"""Has a failing LLM refuse the connection, and never answer with a 5xx."""

FILE = "test_app.py"
CAUGHT_BY = ("test_a_wrong_app_is_noticed[server-error]",)


@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.ReadError("reset")])
def test_a_failing_llm_is_502(client: TestClient, llm: respx.Route, failure: Any) -> None:
    llm.mock(side_effect=[failure])
    assert ask(client).status_code == 502
