"""What the notebooks use: apps that run beside a fake LLM, and pictures of what it saw."""

from course.fake_llm import Barrier, Call, FakeLLM, Gate, Reply, Usage
from course.notebook.apps import AppDidNotStart, Served, events, find, serve
from course.notebook.commands import Started, start, start_in_shell
from course.notebook.plots import (
    Picture,
    Reading,
    Visit,
    plot_calls,
    plot_tokens,
    plot_visits,
)

__all__ = [
    "AppDidNotStart",
    "Barrier",
    "Call",
    "FakeLLM",
    "Gate",
    "Picture",
    "Reading",
    "Reply",
    "Served",
    "Started",
    "Usage",
    "Visit",
    "events",
    "find",
    "plot_calls",
    "plot_tokens",
    "plot_visits",
    "serve",
    "start",
    "start_in_shell",
]
