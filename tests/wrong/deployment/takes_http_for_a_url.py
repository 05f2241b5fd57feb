"""What begins with http is a URL."""

FILE = "app/settings.py"
CAUGHT_BY = ("test_it_does_not_start_with_a_url_of_another_kind",)


def http_url(environment: Mapping[str, str], name: str) -> str:
    value = required(environment, name)
    if not value.startswith("http"):
        raise SystemExit(f"{name} is no URL that begins with http.")
    return value
