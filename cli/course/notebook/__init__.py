"""What the notebooks use: apps that run beside a fake LLM, and pictures of what it saw."""

from course.fake_llm import Barrier, Call, FakeLLM, Gate, Reply, Usage
from course.notebook.apps import AppDidNotStart, Served, events, serve
from course.notebook.plots import Picture, Reading, plot_calls, plot_tokens

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
    "Usage",
    "events",
    "plot_calls",
    "plot_tokens",
    "serve",
]
