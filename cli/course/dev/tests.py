"""`course test`: the project's own tests, with what only they need installed."""

import subprocess
import sys
from collections.abc import Sequence

from course.workspace import Workspace, WorkspaceError


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest in the repository; returns its exit code. The launcher has installed the.

    Test lock.
    """
    root = Workspace.here().content
    if not (root / "tests" / "course").is_dir():
        raise WorkspaceError("`course test` works in a clone of the repository only.")
    return subprocess.call([sys.executable, "-P", "-m", "pytest", *arguments], cwd=root)
