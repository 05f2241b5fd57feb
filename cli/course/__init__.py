"""A hands-on course on LLM backends, and the tool that runs and grades it."""

__version__ = "0.1.0"
