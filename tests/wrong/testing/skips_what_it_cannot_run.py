"""Skips every test, and takes the green line for a result."""

FILE = "test_app.py"
CAUGHT_BY = (
    "test_the_tests_pass_on_their_own_app",
    "test_the_tests_pass_on_an_app_with_another_lifespan",
    "test_the_tests_pass_on_an_app_in_another_style",
    "test_a_wrong_app_is_noticed",
    "test_a_right_app_is_not_taken_for_a_wrong_one",
    "test_the_tests_pass_in_any_order",
    "test_each_test_passes_alone",
)


@pytest.fixture
def client() -> TestClient:
    pytest.skip("there is no LLM here")


@pytest.fixture
def server() -> str:
    pytest.skip("there is no LLM here")
