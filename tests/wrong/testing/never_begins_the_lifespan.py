"""Makes a TestClient without `with`, so the app's lifespan never begins."""

FILE = "test_app.py"
CAUGHT_BY = (
    "test_the_tests_pass_on_their_own_app",
    "test_the_tests_pass_on_an_app_with_another_lifespan",
    "test_no_test_fails_on_a_right_app",
    "test_a_wrong_app_is_noticed",
)


@pytest.fixture
def client() -> TestClient:
    """The app in this process."""
    return TestClient(app)
