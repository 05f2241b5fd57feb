"""Tries the long question and the hot one, and never the blank one."""

FILE = "test_app.py"
CAUGHT_BY = ("test_a_wrong_app_is_noticed[blank]",)


@pytest.mark.parametrize("wrong", [{"query": ""}, {"query": "a" * 8001}, {"temperature": 2.1}])
def test_a_bad_question_costs_nothing(
    client: TestClient, llm: respx.Route, wrong: dict[str, Any]
) -> None:
    assert ask(client, **wrong).status_code == 422
