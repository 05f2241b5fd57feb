"""`course dev check basic`, with nothing remembered and unchanged, beside a check of its solution.

A dev check grades the starter, the solution and all right and wrong apps of the lesson; how many
they are is printed, so the ratio says what one of them costs. What is remembered is put back.

    python benchmarks/dev_check.py
"""

from collections.abc import Callable
from pathlib import Path

from measure import command, in_turn, show

ROOT = Path(__file__).parents[1]
REMEMBERED = ROOT / ".cache/dev-check.json"  # course.dev.proof.CACHE

dev_check = command("-m", "course", "dev", "check", "basic")


def forgetting(run: Callable[[], object]) -> Callable[[], object]:
    """The same with nothing remembered from before."""

    def forgetful() -> None:
        aside = REMEMBERED.with_suffix(".aside")
        if REMEMBERED.exists():
            REMEMBERED.replace(aside)
        try:
            run()
        finally:
            if aside.exists():
                aside.replace(REMEMBERED)

    return forgetful


dev_check()  # so that there is something to remember
apps = [
    path
    for kind in ("wrong", "right")
    for path in (ROOT / "tests" / kind / "basic").iterdir()
    if path.name != "__pycache__"
]
show(
    f"dev check of basic: {len(apps) + 2} apps",
    in_turn(
        {
            "dev check basic, nothing remembered": forgetting(dev_check),
            "dev check basic, unchanged": dev_check,
            "check basic --solution": command("-m", "course", "check", "basic", "--solution"),
        },
        runs=2,
    ),
)
