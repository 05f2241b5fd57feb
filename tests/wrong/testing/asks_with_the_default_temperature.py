"""Checks the temperature with the one value that every app sends."""

FILE = "test_app.py"
CAUGHT_BY = ("test_a_wrong_app_is_noticed[temperature]",)


def test_the_llm_hears_what_was_asked(client: TestClient, llm: respx.Route) -> None:
    ask(client, temperature=0.7)
    heard = json.loads(llm.calls.last.request.content)
    assert heard["messages"][-1] == {"role": "user", "content": QUESTION["query"]}
    assert heard["temperature"] == 0.7
