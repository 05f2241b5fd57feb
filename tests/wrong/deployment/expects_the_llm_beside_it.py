"""Takes the LLM to be on its own machine when nobody has said where it is."""

FILE = "app/settings.py"
CAUGHT_BY = ("test_it_does_not_start_without[LLM_BASE_URL]",)


def http_url(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip() or "http://127.0.0.1:8001/v1"
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SystemExit(f"{name} is no URL that begins with http:// or https://.")
    return value
