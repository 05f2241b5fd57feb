"""Verdicts as JSON and JUnit: valid whatever an app has said."""

import json
import os
import stat
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from course.grading.verdict import Evidence, ExerciseVerdict, Moment, TestVerdict, Verdict
from course.reporting.files import junit_xml, verdict_json, verdicts_json, write_report

HOSTILE = "[/foo] \x1b[31m \x00 \udc80 \ufffe ]]> <b>& \U0001f600 " + "x" * 10_000
EVIDENCE = Evidence(
    sent={"method": "POST", "path": "/query", "headers": {}, "body": HOSTILE},
    received={"status": 500, "headers": {}, "body": "é"},
    timeline=(Moment(3, "client", "POST /query"),),
)


def example() -> Verdict:
    return Verdict(
        lesson="basic",
        target="work",
        outcome="error",
        points=1,
        max_points=4,
        duration_ms=1500.4,
        exercises=(
            ExerciseVerdict("a", "A", False, "passed", 1, (TestVerdict("test_a", "passed"),)),
            ExerciseVerdict(
                "b",
                "B",
                False,
                "failed",
                0,
                (
                    TestVerdict(
                        "test_b", "failed", HOSTILE + "\nWhy?  x.md#y", EVIDENCE, 12.0, HOSTILE
                    ),
                ),
            ),
            ExerciseVerdict("c", "C", False, "error", 0, (TestVerdict("test_c", "error", "boom"),)),
            ExerciseVerdict(
                "d", "D", False, "not_run", 0, (TestVerdict("test_d", "not_run", "no"),)
            ),
            ExerciseVerdict(
                "e", "E", True, "failed", 0, (TestVerdict("test_e", "failed", "late"),)
            ),
        ),
    )


def test_a_verdict_is_one_json_object_in_ascii() -> None:
    text = verdict_json(example())
    assert text.isascii()
    document = json.loads(text)
    assert document["version"] == 1
    assert document["exercises"][1]["tests"][0] == {
        "name": "test_b",
        "outcome": "failed",
        "message": HOSTILE + "\nWhy?  x.md#y",
        "evidence": {
            "sent": {"method": "POST", "path": "/query", "headers": {}, "body": HOSTILE},
            "received": {"status": 500, "headers": {}, "body": "é"},
            "timeline": [{"at_ms": 3, "lane": "client", "what": "POST /query"}],
        },
        "duration_ms": 12.0,
    }


def test_several_verdicts_are_an_array_of_the_same_objects() -> None:
    assert (
        json.loads(verdicts_json([example(), example()]))
        == [json.loads(verdict_json(example()))] * 2
    )
    assert json.loads(verdicts_json([])) == []


def test_junit_counts_what_it_holds() -> None:
    root = ET.fromstring(junit_xml([example(), example()]))
    counts = {"tests": "10", "failures": "2", "errors": "2", "skipped": "4", "time": "3.001"}
    assert (root.tag, root.attrib) == ("testsuites", counts)
    suite = root[0]
    assert suite.attrib == {
        "name": "basic",
        "tests": "5",
        "failures": "1",
        "errors": "1",
        "skipped": "2",
        "time": "1.500",
    }
    assert {p.get("name"): p.get("value") for p in suite.iter("property")} == {
        "target": "work",
        "outcome": "error",
        "points": "1",
        "max_points": "4",
    }
    cases = suite.findall("testcase")
    assert cases[1].attrib == {"classname": "basic.b", "name": "test_b", "time": "0.012"}
    assert [[child.tag for child in case] for case in cases] == [
        [],
        ["failure", "system-out"],
        ["error"],
        ["skipped"],
        ["skipped"],
    ]


def test_junit_tells_message_and_evidence_with_control_characters_spelled_out() -> None:
    text = junit_xml([example()])
    assert text.isascii()
    failure = ET.fromstring(text).find(".//failure")
    assert failure is not None
    spelled = "[/foo] \\x1b[31m \\x00 \\udc80 \\ufffe ]]> <b>& \U0001f600 " + "x" * 10_000
    assert failure.attrib == {"message": spelled, "type": "failed"}
    assert failure.text is not None
    lines = failure.text.split("\n")
    assert lines[:3] == [spelled, "Why?  x.md#y", ""]
    assert lines[3].startswith('sent: {"method": "POST", "path": "/query", ')
    assert lines[4:] == [
        'received: {"status": 500, "headers": {}, "body": "é"}',
        "     3 ms  client: POST /query",
    ]


def test_a_stretch_failure_does_not_fail_a_build() -> None:
    skipped = ET.fromstring(junit_xml([example()])).findall(".//skipped")[-1]
    assert skipped.attrib == {"message": "Stretch, not counted: late"}


def test_a_report_replaces_its_file_in_one_step(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("old")
    link = tmp_path / "link.json"
    link.symlink_to(report)
    write_report("new é\n", link)
    assert report.read_text(encoding="utf-8") == "new é\n"
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "report.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_a_report_can_be_read_by_others(tmp_path: Path) -> None:
    write_report("x", tmp_path / "report.json")
    plain = tmp_path / "plain"
    plain.write_text("x")
    assert stat.S_IMODE((tmp_path / "report.json").stat().st_mode) == stat.S_IMODE(
        plain.stat().st_mode
    )


def test_a_failed_write_leaves_the_old_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "report.json"
    report.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_report("new", report)
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert report.read_text() == "old"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_report("x", pipe)
    assert os.read(reading, 10) == b"x"
    os.close(reading)
    assert pipe.is_fifo()


def test_a_folder_that_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_report("x", tmp_path / "nowhere" / "report.json")


def test_standard_output_gets_the_report_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_report(verdict_json(example()), "-")
    assert capsys.readouterr().out == verdict_json(example())
