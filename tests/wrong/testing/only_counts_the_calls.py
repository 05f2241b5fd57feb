"""Knows that the LLM was called, and not for whom."""

FILE = "test_app.py"
CAUGHT_BY = ("test_a_wrong_app_is_noticed[user]",)


def test_the_llm_hears_who_asks(client: TestClient, llm: respx.Route) -> None:
    ask(client)
    assert llm.call_count == 1
