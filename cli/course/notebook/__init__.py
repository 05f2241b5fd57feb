"""What the notebooks use: apps that run beside a fake LLM, and pictures of what it saw."""

from course.fake_llm import Barrier, Call, FakeLLM, Gate, Reply, Usage
from course.notebook.apps import AppDidNotStart, Served, events, find, serve
from course.notebook.commands import Started, start, start_in_shell
from course.notebook.plots import (
    Mark,
    Picture,
    Reading,
    plot_calls,
    plot_marks,
    plot_tokens,
)

__all__ = [
    "AppDidNotStart",
    "Barrier",
    "Call",
    "FakeLLM",
    "Gate",
    "Mark",
    "Picture",
    "Reading",
    "Reply",
    "Served",
    "Started",
    "Usage",
    "events",
    "find",
    "plot_calls",
    "plot_marks",
    "plot_tokens",
    "serve",
    "start",
    "start_in_shell",
]
