"""A variable that is there is set."""

FILE = "app/settings.py"
CAUGHT_BY = ("test_it_does_not_start_without",)


def required(environment: Mapping[str, str], name: str) -> str:
    if name not in environment:
        raise SystemExit(f"{name} is not set.")
    return environment[name]
