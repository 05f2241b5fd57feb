"""A URL is a text."""

FILE = "app/settings.py"
CAUGHT_BY = ("test_it_does_not_start_with_a_url_of_another_kind",)


def http_url(environment: Mapping[str, str], name: str) -> str:
    return required(environment, name)
