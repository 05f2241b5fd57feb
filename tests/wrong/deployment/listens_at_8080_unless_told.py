"""8080 is where web servers are."""

FILE = "app/settings.py"
CAUGHT_BY = ("test_its_port_is_8000_unless_told",)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """All settings; ends the process with one line at the first that makes no sense."""
    return Settings(
        llm_base_url=http_url(environment, "LLM_BASE_URL"),
        llm_api_key=required(environment, "LLM_API_KEY"),
        llm_model=environment.get("LLM_MODEL") or "gpt-4",
        llm_timeout_seconds=number(environment, "LLM_TIMEOUT_SECONDS", 30),
        port=int(number(environment, "PORT", 8080, lowest=1, highest=65535, kind=int)),
        drain_seconds=number(environment, "DRAIN_SECONDS", 5),
        shutdown_grace_seconds=number(environment, "SHUTDOWN_GRACE_SECONDS", 25),
    )
