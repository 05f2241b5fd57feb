"""A number out of bounds means the nearest one that is not."""

FILE = "app/settings.py"
CAUGHT_BY = ("test_it_does_not_start_with_a_senseless",)


def number(
    environment: Mapping[str, str],
    name: str,
    default: float,
    *,
    lowest: float = 0,
    highest: float = LONGEST_SECONDS,
    kind: Callable[[str], float] = float,
) -> float:
    try:
        value = kind(environment.get(name) or str(default))
    except ValueError:
        value = default
    return min(max(value, lowest), highest)
