"""The course proves itself: what `course dev check` and `course dev sync --check` would say."""

import pytest

from course.dev.run import check_lessons, sync_course


def test_dev_check_has_nothing_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    code = check_lessons([])
    said = capsys.readouterr().out
    assert code == 0, said
    assert said == ""


def test_everything_generated_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    code = sync_course(only_check=True)
    assert (code, capsys.readouterr().out) == (0, "")
