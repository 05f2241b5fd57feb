"""Whoever names every setting has named the wrong one."""

FILE = "app/settings.py"
CAUGHT_BY = ("test_it_does_not_start_without",)


def required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SystemExit(
            "LLM_BASE_URL, LLM_API_KEY, PORT, DRAIN_SECONDS or SHUTDOWN_GRACE_SECONDS is missing."
        )
    return value
