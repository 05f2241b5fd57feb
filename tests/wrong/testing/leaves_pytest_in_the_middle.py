"""Ends the process with exit code 0 before a test can fail."""

import os

FILE = "test_app.py"
CAUGHT_BY = (
    "test_the_tests_pass_on_their_own_app",
    "test_the_tests_pass_on_an_app_with_another_lifespan",
    "test_the_tests_pass_on_an_app_in_another_style",
    "test_no_test_fails_on_a_right_app",
    "test_a_wrong_app_is_noticed",
    "test_a_right_app_is_not_taken_for_a_wrong_one",
    "test_the_tests_open_no_connection",
    "test_the_tests_pass_in_any_order",
    "test_each_test_passes_alone",
)


def test_a_stranger_is_sent_away(client: TestClient, llm: respx.Route) -> None:
    os._exit(0)
