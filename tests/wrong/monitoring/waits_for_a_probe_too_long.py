"""Gives the LLM more time for a probe than an orchestrator gives it."""

CAUGHT_BY = ("test_a_probe_waits_for_a_second_at_most",)
FILE = "probes.py"


PATIENCE_SECONDS = 2.5
