"""Finds the question in the prompt, and not that there is more in it."""

FILE = "test_app.py"
CAUGHT_BY = ("test_a_wrong_app_is_noticed[prompt]",)


def test_the_llm_hears_what_was_asked(client: TestClient, llm: respx.Route) -> None:
    ask(client, temperature=1.5)
    heard = json.loads(llm.calls.last.request.content)
    assert QUESTION["query"] in heard["messages"][-1]["content"]
    assert heard["temperature"] == 1.5
