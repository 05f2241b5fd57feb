"""Whoever set it knows what it was."""

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
        value = math.nan
    if not lowest <= value <= highest:
        raise SystemExit("A setting is no number, or makes no sense.")
    return value
