"""`course test`: the project's own tests, with what only they need installed."""

import os
import subprocess
import sys
from collections.abc import Sequence

from course.workspace import Workspace, WorkspaceError


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest in the repository; returns its exit code.

    The launcher has installed the test lock, so a server that is missing is an error.
    """
    root = Workspace.here().content
    if not (root / "tests" / "course").is_dir():
        raise WorkspaceError("`course test` works in a clone of the repository only.")
    environment = {**os.environ, "COURSE_REQUIRE_SERVICES": "1"}
    environment.pop("COURSE_COMMAND", None)  # how a learner typed this is no business of the tests
    command = [sys.executable, "-P", "-m", "pytest", *arguments]
    return subprocess.call(command, cwd=root, env=environment)
