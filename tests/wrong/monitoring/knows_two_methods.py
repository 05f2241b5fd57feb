"""Knows only the methods that its own routes have."""

CAUGHT_BY = ("test_methods_of_http_have_their_names",)
FILE = "metrics.py"

METHODS = {"GET", "POST"}
