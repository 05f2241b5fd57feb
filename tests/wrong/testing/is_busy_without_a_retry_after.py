"""Has the LLM say 429 and nothing else."""

FILE = "test_app.py"
CAUGHT_BY = ("test_a_wrong_app_is_noticed[retry-after]",)


def test_a_busy_llm_is_503_and_says_until_when(client: TestClient, llm: respx.Route) -> None:
    llm.respond(429)
    assert ask(client).status_code == 503
