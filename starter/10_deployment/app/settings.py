"""Everything this process is told by its environment, read and checked before it serves."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST_SECONDS = 3600


@dataclass(frozen=True)
class Settings:
    """What lesson after lesson has read from the environment, in one place."""

    llm_base_url: str
    llm_api_key: str
    llm_model: str
    llm_timeout_seconds: float
    port: int
    drain_seconds: float
    shutdown_grace_seconds: float


def required(environment: Mapping[str, str], name: str) -> str:
    """A setting without which there is no service."""
    # TODO(config): end the process when it is missing or empty: `raise SystemExit("...")` with a
    # sentence that names the setting. Python prints it to stderr, and the exit code is 1.
    return environment.get(name, "http://127.0.0.1:8001/v1")


def http_url(environment: Mapping[str, str], name: str) -> str:
    """A required setting that is an http(s) URL."""
    # TODO(config): look at its parts (`urlsplit`, which raises a ValueError for what it cannot
    # read), and end the process when it is something else.
    # Name the setting, do not repeat its value: a URL may hold a password.
    return required(environment, name)


def number(
    environment: Mapping[str, str],
    name: str,
    default: float,
    *,
    lowest: float = 0,
    highest: float = LONGEST_SECONDS,
    kind: Callable[[str], float] = float,
) -> float:
    """An optional setting that is a number within bounds."""
    # TODO(config): end the process, with a sentence that names the setting, when it is no number
    # (`kind` raises ValueError), or is outside the bounds. NaN is inside of nothing.
    return kind(environment.get(name) or str(default))


def read_settings(environment: Mapping[str, str]) -> Settings:
    """All settings; ends the process with one line at the first that makes no sense."""
    return Settings(
        llm_base_url=http_url(environment, "LLM_BASE_URL"),
        llm_api_key=required(environment, "LLM_API_KEY"),
        llm_model=environment.get("LLM_MODEL") or "gpt-4",
        llm_timeout_seconds=number(environment, "LLM_TIMEOUT_SECONDS", 30),
        port=int(number(environment, "PORT", 8000, lowest=1, highest=65535, kind=int)),
        drain_seconds=number(environment, "DRAIN_SECONDS", 5),
        shutdown_grace_seconds=number(environment, "SHUTDOWN_GRACE_SECONDS", 25),
    )


SETTINGS = read_settings(os.environ)
