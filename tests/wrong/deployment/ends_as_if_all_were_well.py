"""The message is what counts."""

import sys

FILE = "app/settings.py"
CAUGHT_BY = ("test_it_does_not_start_without",)


def required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        print(f"{name} is not set.", file=sys.stderr)  # noqa: T201
        sys.exit()
    return value
