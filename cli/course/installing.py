"""What only some lessons' checks need is installed when such a lesson is first checked."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Each lock beside the light one that suites can need, and the fixtures that need it.
LOCKS = {
    "services": ("postgres_url", "hadolint", "actionlint", "kubernetes_schemas"),
    "testing": ("schema_tools",),
}
EVERYTHING = "test"  # the lock that has all of that, too


def install_what_suites_need(root: Path, suites: Sequence[Path]) -> None:
    """Have the launcher install the locks that these suites need and .venv lacks.

    Outside a repository there is no launcher, and nothing is done. Where it fails, it has said why;
    the check goes on, and says which exercises could not be run.
    """
    launcher = root / "course"
    if not can_install(root) or is_installed(EVERYTHING):
        return
    text = "\n".join(suite.read_text(encoding="utf-8") for suite in suites if suite.is_file())
    for lock, fixtures in LOCKS.items():
        if re.search(rf"\b({'|'.join(fixtures)}):", text) and not is_installed(lock):
            command = [getattr(sys, "_base_executable", sys.executable), str(launcher)]
            subprocess.run(
                [*command, "--ensure", lock],
                stdout=sys.stderr,
                env={**os.environ, "PIP_RETRIES": "1", "PIP_DEFAULT_TIMEOUT": "10"},
                check=False,
            )


def can_install(root: Path) -> bool:
    """Whether the launcher of this repository looks after the environment that we run in."""
    return (root / "course").is_file() and Path(sys.prefix) == root / ".venv"


def is_installed(lock: str) -> bool:
    """The launcher has left its stamp; whether the lock has changed since is its business."""
    return (Path(sys.prefix) / f"requirements-{lock}.lock.installed").is_file()
