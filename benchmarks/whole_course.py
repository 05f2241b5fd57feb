"""All lessons: `course check --all --solution` warm, beside the same checks started cold.

python benchmarks/whole_course.py
"""

import os

from measure import command, in_turn, show

check = ("-m", "course", "check", "--all", "--solution")


def cold() -> None:
    os.environ["COURSE_WARM"] = "0"
    try:
        command(*check)()
    finally:
        del os.environ["COURSE_WARM"]


show(
    "check --all --solution",
    in_turn({"warm parents": command(*check), "cold (COURSE_WARM=0)": cold}, runs=3),
)
