"""The course proves itself: what `course dev check` and `course dev sync --check` would say."""

from pathlib import Path

import pytest

from course.catalog import Lesson, load
from course.dev.check import read_wrong_apps
from course.dev.run import check_lessons, sync_course
from course.dev.source import files_of
from course.dev.suites import function_of, read_suite
from course.workspace import Workspace

ROOT = Path(__file__).parents[2]

# For these no wrong app was found that surely passes the other one: the first step of a longer test
# has a message of its own, and the verdict over all runs of a learner's tests is above each run's.
IN_COMPANY = {
    "test_a_connection_that_breaks_midway_is_an_error_event": (
        "test_an_error_event_is_in_your_own_words"
    ),
    "test_the_first_event_arrives_before_the_second_token_exists": (
        "test_each_token_arrives_before_the_next_exists"
    ),
    "test_the_llm_call_is_dropped_when_the_client_leaves": (
        "test_a_client_that_leaves_takes_only_its_own_call_along"
    ),
    "test_one_batch_has_never_more_than_five_calls_in_flight": (
        "test_a_call_that_failed_gives_back_one_place"
    ),
    "test_the_answer_arrives_while_another_process_holds_the_lock": (
        "test_the_row_is_there_once_the_lock_is_gone"
    ),
    "test_sigterm_after_the_answer_loses_no_row": "test_sigterm_loses_none_of_the_rows_that_wait",
    "test_every_line_on_stdout_is_a_json_object": (
        "test_a_client_that_leaves_has_one_line_without_the_prompt"
    ),
    "test_the_tests_pass_on_their_own_app": "test_no_test_fails_on_a_right_app",
    "test_the_tests_pass_on_an_app_with_another_lifespan": "test_no_test_fails_on_a_right_app",
    "test_the_tests_pass_on_an_app_in_another_style": "test_no_test_fails_on_a_right_app",
    "test_no_test_fails_on_a_right_app": "test_the_tests_pass_on_their_own_app",
}


def test_dev_check_has_nothing_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    code = check_lessons([])
    said = capsys.readouterr().out
    assert code == 0, said
    assert said == ""


def test_everything_generated_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    code = sync_course(only_check=True)
    assert (code, capsys.readouterr().out) == (0, "")


@pytest.mark.parametrize("lesson", load(ROOT / "course.toml").lessons, ids=lambda one: one.slug)
def test_each_test_of_a_suite_is_the_only_one_that_catches_some_wrong_app(lesson: Lesson) -> None:
    workspace = Workspace(content=ROOT, work=ROOT / "work")
    tests = {test.name for test in read_suite(workspace.suite(lesson))}
    apps, _ = read_wrong_apps(workspace, lesson, files_of(workspace.folder(lesson, "solution")))
    caught_by = [{function_of(test) for test in app.caught_by} for app in apps.values()]
    alone = {test for names in caught_by for test in names if len(names) == 1}
    assert tests - alone == tests & IN_COMPANY.keys()
    for test in tests - alone:
        assert any({test, IN_COMPANY[test]} <= names for names in caught_by)
