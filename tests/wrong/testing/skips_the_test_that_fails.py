"""Turns a failure into a skip, to keep the line green."""

FILE = "test_app.py"
CAUGHT_BY = ("test_a_wrong_app_is_noticed[timeout]",)


def test_a_slow_llm_is_504(client: TestClient, llm: respx.Route) -> None:
    llm.mock(side_effect=httpx.ReadTimeout)
    if ask(client).status_code != 504:
        pytest.skip("slow today")
