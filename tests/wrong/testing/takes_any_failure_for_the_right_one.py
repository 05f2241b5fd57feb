"""Wants some 5xx, so that no failure can have the wrong one."""

FILE = "test_app.py"
CAUGHT_BY = (
    "test_a_wrong_app_is_noticed[server-error]",
    "test_a_wrong_app_is_noticed[timeout]",
)


@pytest.mark.parametrize("failure", [httpx.Response(500), httpx.ConnectError("refused")])
def test_a_failing_llm_is_502(client: TestClient, llm: respx.Route, failure: Any) -> None:
    llm.mock(side_effect=[failure])
    assert ask(client).status_code >= 500


def test_a_slow_llm_is_504(client: TestClient, llm: respx.Route) -> None:
    llm.mock(side_effect=httpx.ReadTimeout)
    assert ask(client).is_server_error
