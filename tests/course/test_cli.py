"""The commands as a learner types them: what is printed where, and with which exit code."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parent.parent.parent
SOLUTION = ROOT / "solutions" / "01_basic"


class Course:
    """Runs `course` with a work folder of its own."""

    def __init__(self, work: Path) -> None:
        self.work = work

    def __call__(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-P", "-m", "course", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={
                **os.environ,
                "COURSE_COMMAND": "course",
                "COURSE_WORK": str(self.work),
                **environment,
            },
            timeout=600,
            check=False,
        )


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path / "work")


def test_alone_it_says_where_one_is_and_what_is_next(course: Course) -> None:
    done = course()
    assert done.returncode == 0
    assert "> not started  basic" in done.stdout
    assert "next: course check basic" in done.stdout


def test_check_starts_the_first_lesson_by_itself_and_names_the_next_step(course: Course) -> None:
    done = course("check")
    assert done.returncode == 1
    assert (course.work / "01_basic" / "app.py").is_file()
    assert "basic · 0 of 5 exercises, 0 points" in done.stdout
    assert "next: course check basic --watch" in done.stdout
    assert f"Your copy:   {course.work / '01_basic'}" in done.stdout
    again = course("check").stdout
    assert "next: course hint basic models" in again
    assert "Your copy" not in again


def test_commands_on_screens_are_as_one_typed_them(course: Course) -> None:
    course("start", "basic")
    shutil.copyfile(SOLUTION / "app.py", course.work / "01_basic" / "app.py")
    passed = course("check", "basic", COURSE_COMMAND="./course").stdout
    assert "    ./course solution basic\n" in passed
    assert "next: ./course start async" in passed


def test_a_pass_is_remembered_and_brings_one_on(course: Course) -> None:
    course("start", "basic")
    shutil.copyfile(SOLUTION / "app.py", course.work / "01_basic" / "app.py")
    done = course("check", "basic")
    assert (done.returncode, "next: course start async" in done.stdout) == (0, True)
    assert "passed" in course().stdout
    assert "next: course check async" in course().stdout
    assert course("solution", "basic").returncode == 0


def test_json_on_standard_output_is_the_verdict_and_nothing_else(course: Course) -> None:
    done = course("check", "basic", "--solution", "--json", "-")
    verdict = json.loads(done.stdout)
    assert done.returncode == 0
    assert list(verdict) == [
        "version", "lesson", "target", "outcome", "points", "max_points", "duration_ms", "exercises"
    ]  # fmt: skip
    assert (verdict["version"], verdict["lesson"], verdict["outcome"]) == (1, "basic", "passed")
    exercise = verdict["exercises"][0]
    assert list(exercise) == ["slug", "title", "stretch", "outcome", "points", "tests"]
    assert list(exercise["tests"][0]) == ["name", "outcome", "message", "evidence", "duration_ms"]
    assert list(exercise["tests"][0]["evidence"]) == ["sent", "received", "timeline"]


def test_any_folder_can_be_graded_into_files(course: Course, tmp_path: Path) -> None:
    verdict, report = tmp_path / "verdict.json", tmp_path / "report.xml"
    done = course(
        *("check", "basic", "--path", str(SOLUTION)),
        *("--json", str(verdict), "--junit", str(report)),
    )
    assert done.returncode == 0
    assert json.loads(verdict.read_text())["target"] == f"{SOLUTION}/"
    assert ET.parse(report).getroot().get("failures") == "0"
    assert not course.work.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("check", "basci"), "Did you mean basic?"),
        (("check", "basic", "--path", "nowhere"), "there is no folder nowhere"),
        (("check", "basic", "--path", "README.md"), "is a file; give the folder it lies in"),
        (("check", "--starter", "--solution"), "choose one of --starter, --solution and --path"),
        (("check", "basic", "--all"), "--all goes with neither a lesson nor --path"),
        (("check", "--all"), "no lesson has been started yet"),
        (("check", "--watch", "--json", "-"), "--watch goes with neither"),
        (("diff", "basic"), "has not been started"),
        (("diff", "basic", "--solution"), "is shown once your own version passes"),
        (("reset", "basic"), "nothing to reset"),
        (("solution", "basic"), "--spoil shows it now"),
        (("hint", "basic", "nothing"), "There is no exercise"),
        (("check", "--nonsense"), "No such option"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(
    course: Course, arguments: tuple[str, ...], sentence: str
) -> None:
    done = course(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_hints_come_one_at_a_time_and_the_last_stays(course: Course) -> None:
    shown = [course("hint", "basic", "models").stdout for _ in range(6)]
    assert "hint 1 of" in shown[0]
    assert "hint 2 of" in shown[1]
    assert "hint 1 of" in shown[1]
    assert shown[-1] == shown[-2]
    assert "That was the last hint." in shown[-1]


def test_a_reset_forgets_hints_and_points(course: Course) -> None:
    course("start", "basic")
    course("hint", "basic", "models")
    course("hint", "basic", "models")
    course("reset", "basic")
    assert "hint 2 of" not in course("hint", "basic", "models").stdout


def test_points_once_earned_stay(course: Course) -> None:
    course("start", "basic")
    app = course.work / "01_basic" / "app.py"
    shutil.copyfile(SOLUTION / "app.py", app)
    course("check", "basic")
    app.unlink()
    done = course("check", "basic")
    assert "next: course reset basic" in done.stdout
    assert "5 of 5" in course().stdout


def test_a_folder_called_work_is_not_the_learners_work(course: Course, tmp_path: Path) -> None:
    other = tmp_path / "else" / "work"
    shutil.copytree(SOLUTION, other)
    done = course("check", "basic", "--path", str(other))
    assert done.returncode == 0
    assert not course.work.exists()


def test_without_an_exercise_the_hint_is_for_the_first_that_failed(course: Course) -> None:
    course("start", "basic")
    source = (SOLUTION / "app.py").read_text().replace('title="LLM API"', 'title="Another"')
    (course.work / "01_basic" / "app.py").write_text(source)
    course("check", "basic")
    assert course("hint").stdout.startswith("basic docs: hint 1 of")


def test_the_solution_can_be_had_sooner(course: Course) -> None:
    done = course("solution", "basic", "--spoil")
    assert done.returncode == 0
    assert "async with httpx.AsyncClient(" in done.stdout


def test_diff_shows_what_one_has_changed(course: Course) -> None:
    assert course("start", "basic").returncode == 0
    assert course("diff", "basic").stdout == "Your files are equal to the starter.\n"
    with (course.work / "01_basic" / "app.py").open("a") as file:
        file.write("mine = 1\n")
    assert "+mine = 1\n" in course("diff", "basic").stdout


def test_reset_says_where_the_old_files_are(course: Course) -> None:
    course("start", "basic")
    done = course("reset", "basic")
    assert done.returncode == 0
    assert str(course.work / "backups") in done.stdout


def test_an_update_of_the_lesson_is_told_on_standard_error(course: Course) -> None:
    course("start", "basic")
    progress = course.work / "progress.json"
    progress.write_text(progress.read_text().replace('"started_from": "', '"started_from": "0'))
    done = course("check", "basic")
    assert "The course has changed lesson basic since you started it" in done.stderr


def test_all_solutions_are_summed_up(course: Course) -> None:
    done = course("check", "--all", "--solution", "--json", "-")
    verdicts = json.loads(done.stdout)
    assert done.returncode == 0
    assert {verdict["outcome"] for verdict in verdicts} == {"passed"}
    assert [verdict["lesson"] for verdict in verdicts][:3] == ["basic", "async", "streaming"]


def test_checks_start_cold_where_forks_are_switched_off(course: Course) -> None:
    assert course("check", "basic", "--solution", COURSE_WARM="0").returncode == 0


def test_no_colour_in_a_pipe_or_when_told(course: Course) -> None:
    assert "\x1b" not in course("check", "basic", "--starter").stdout
    assert "\x1b" not in course("check", "basic", "--starter", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_what_is_written_only_at_the_end_finds_the_pipe_closed() -> None:
    command = [sys.executable, "-P", "-m", "course", "doctor"]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    process.stdout.close()
    _, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (1, b"")


def test_a_closed_pipe_is_no_traceback(course: Course) -> None:
    command = f"{sys.executable} -P -m course solution basic --spoil | true"
    done = subprocess.run(
        command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert "Traceback" not in done.stderr


def test_options_of_pytest_are_passed_on(course: Course) -> None:
    done = course("test", "--collect-only", "-q", "tests/course/test_catalog.py")
    assert done.returncode == 0
    assert "test_a_manifest_becomes_lessons_and_exercises" in done.stdout


def test_every_command_has_help_with_an_example(course: Course) -> None:
    for command in ("start", "check", "hint", "diff", "reset", "solution"):
        done = course(command, "--help")
        assert done.returncode == 0
        assert "Example" in done.stdout
