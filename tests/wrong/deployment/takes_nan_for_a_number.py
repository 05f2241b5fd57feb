"""What is neither too small nor too large is right."""

FILE = "app/settings.py"
CAUGHT_BY = (
    "test_it_does_not_start_with_a_senseless[LLM_TIMEOUT_SECONDS-]",
    "test_it_does_not_start_with_a_senseless[DRAIN_SECONDS-]",
    "test_it_does_not_start_with_a_senseless[SHUTDOWN_GRACE_SECONDS-]",
)


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
        raise SystemExit(f"{name} is no number.") from None
    if value < lowest or value > highest:
        raise SystemExit(f"{name} is no number from {lowest:g} to {highest:g}.")
    return value
