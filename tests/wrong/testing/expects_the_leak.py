"""Marks the test of the leak as one that fails, and forgets it."""

FILE = "test_app.py"
CAUGHT_BY = ("test_a_wrong_app_is_noticed[leak]",)


@pytest.mark.xfail(reason="to be looked at")
def test_what_the_llm_says_of_its_failure_stays_here(client: TestClient, llm: respx.Route) -> None:
    llm.respond(500, json={"error": {"message": "test-key is over its quota"}})
    assert "quota" not in ask(client).text
