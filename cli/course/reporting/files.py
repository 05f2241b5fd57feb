"""Verdicts as files: JSON for programs, JUnit for CI servers."""

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from course.grading.verdict import ExerciseVerdict, TestVerdict, Verdict
from course.reporting.texts import visible

STANDARD_OUTPUT = "-"


def verdict_json(verdict: Verdict) -> str:
    """One verdict as a JSON object, version 1 (COURSE.md), in ASCII."""
    return json.dumps(verdict.as_dict(), indent=1) + "\n"


def verdicts_json(verdicts: Sequence[Verdict]) -> str:
    """Several verdicts as a JSON array."""
    return json.dumps([verdict.as_dict() for verdict in verdicts], indent=1) + "\n"


def junit_xml(verdicts: Sequence[Verdict]) -> str:
    """A suite for each lesson, a case for each test; ASCII and valid XML whatever an app has said.

    A stretch exercise that does not hold is `skipped`, because it does not count.
    """
    root = ET.Element("testsuites")
    for verdict in verdicts:
        root.append(_suite(verdict))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", _seconds(sum(verdict.duration_ms for verdict in verdicts)))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="us-ascii", xml_declaration=True)
    return document.decode("ascii") + "\n"


def write_report(text: str, destination: str | Path) -> None:
    """Write to a file in one step, or to standard output for `-`; OSError when it cannot be."""
    if str(destination) == STANDARD_OUTPUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    path = Path(destination).resolve()
    if path.exists() and not path.is_file():  # a pipe or a device: nothing to replace
        path.write_text(text, encoding="utf-8")
        return
    passing = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        passing.write_text(text, encoding="utf-8", newline="\n")
        passing.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            passing.unlink()
        raise


def _suite(verdict: Verdict) -> ET.Element:
    suite = ET.Element("testsuite", name=verdict.lesson)
    properties = ET.SubElement(suite, "properties")
    for name in ("target", "outcome", "points", "max_points"):
        value = visible(str(getattr(verdict, name)))
        ET.SubElement(properties, "property", name=name, value=value)
    for exercise in verdict.exercises:
        for test in exercise.tests:
            suite.append(_case(verdict, exercise, test))
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", _seconds(verdict.duration_ms))
    return suite


def _case(verdict: Verdict, exercise: ExerciseVerdict, test: TestVerdict) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=f"{verdict.lesson}.{exercise.slug}",
        name=visible(test.name),
        time=_seconds(test.duration_ms),
    )
    if test.outcome != "passed":
        case.append(_problem(exercise, test))
    if test.printed:
        ET.SubElement(case, "system-out").text = visible(test.printed)
    return case


def _problem(exercise: ExerciseVerdict, test: TestVerdict) -> ET.Element:
    tag = {"failed": "failure", "error": "error", "not_run": "skipped"}[test.outcome]
    sentence = visible(test.message.strip("\n").split("\n")[0])
    if exercise.stretch and tag == "failure":
        tag, sentence = "skipped", f"Stretch, not counted: {sentence}"
    problem = ET.Element(tag, message=sentence)
    if tag != "skipped":
        problem.set("type", test.outcome)
    problem.text = visible("\n".join([test.message, *_evidence(test)]))
    return problem


def _evidence(test: TestVerdict) -> list[str]:
    lines = []
    if test.evidence.sent is not None:
        lines.append(f"sent: {_as_json(test.evidence.sent)}")
        lines.append(f"received: {_as_json(test.evidence.received)}")
    lines += [f"{m.at_ms:>6} ms  {m.lane}: {m.what}" for m in test.evidence.timeline]
    return ["", *lines] if lines else []


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.3f}"
