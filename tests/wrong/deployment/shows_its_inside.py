"""An exception says all that there is to say."""

FILE = "app/settings.py"
CAUGHT_BY = ("test_it_does_not_start_without",)


def required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise ValueError(f"{name} is not set.")
    return value
