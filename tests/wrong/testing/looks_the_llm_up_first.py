"""Asks the name service whether there is an LLM, before it mocks it."""

from contextlib import suppress

FILE = "test_app.py"
CAUGHT_BY = ("test_the_tests_open_no_connection",)


@pytest.fixture
def llm() -> Iterator[respx.Route]:
    with suppress(OSError):
        socket.getaddrinfo("llm.test", 80)
    with respx.mock(assert_all_called=False) as network:
        network.route(host="127.0.0.1").pass_through()
        yield network.post(LLM_URL).respond(json=COMPLETION)
