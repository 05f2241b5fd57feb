"""`course dev check basic`, with nothing remembered and unchanged, beside a check of its solution.

A dev check grades the starter, the solution and all right and wrong apps of the lesson; how many
they are is printed, so the ratio says what one of them costs. What is remembered is put back.

    python benchmarks/dev_check.py
"""

from pathlib import Path

from measure import command, in_turn, show

from course.dev.disk import right_app_paths
from course.dev.proof import CACHE
from course.dev.wrong_apps import wrong_app_paths

ROOT = Path(__file__).parents[1]
REMEMBERED = ROOT / CACHE

dev_check = command("-m", "course", "dev", "check", "basic")


def forgetful_dev_check() -> None:
    """The same with nothing remembered from before."""
    aside = REMEMBERED.with_suffix(".aside")
    if REMEMBERED.exists():
        REMEMBERED.replace(aside)
    try:
        dev_check()
    finally:
        if aside.exists():
            aside.replace(REMEMBERED)


wrong = wrong_app_paths(ROOT / "tests/wrong/basic")
right = right_app_paths(ROOT / "tests/right/basic")
show(
    f"dev check of basic: {len(wrong) + len(right) + 2} apps",
    in_turn(
        {
            "dev check basic, nothing remembered": forgetful_dev_check,
            "dev check basic, unchanged": dev_check,
            "check basic --solution": command("-m", "course", "check", "basic", "--solution"),
        },
        runs=2,
    ),
)
