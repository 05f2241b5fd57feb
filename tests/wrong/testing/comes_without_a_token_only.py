"""Tries no token at all, and never a wrong one."""

FILE = "test_app.py"
CAUGHT_BY = ("test_a_wrong_app_is_noticed[any-token]",)


@pytest.mark.parametrize("header", ["", "Bearer", "Basic alice-token"])
def test_a_stranger_is_sent_away(client: TestClient, llm: respx.Route, header: str) -> None:
    answer = client.post("/query", json=QUESTION, headers={"Authorization": header})
    assert answer.status_code == 401
    assert not llm.called
