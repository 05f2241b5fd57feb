"""Asks a router on the internet which address this machine has."""

from contextlib import suppress

FILE = "test_app.py"
CAUGHT_BY = ("test_the_tests_open_no_connection",)


def test_health_needs_no_token(client: TestClient) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with suppress(OSError):
            probe.connect(("192.0.2.1", 9))
    assert client.get("/health").json() == {"status": "ok"}
