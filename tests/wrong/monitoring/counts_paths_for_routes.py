"""Takes the path for the route, and callers choose paths."""

CAUGHT_BY = ("test_unknown_paths_share_one_series",)
FILE = "metrics.py"


def route_of(scope: Scope) -> str:
    """The template of the route that was found, such as `/users/{id}`; never the path."""
    return str(scope["path"])
