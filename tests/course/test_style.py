"""The form of the files: ruff's rules and format, executable bits, nothing of one machine."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# What a tracked file must not hold, and a line that would.
OF_ONE_MACHINE = {
    "the address of a package index": (
        r"https?://(?!127\.0\.0\.1)\S+/simple\b|--(?:extra-)?index-url|files\.pythonhosted\.org",
        "pip install --index" + "-url https://mirror.test/simp" + "le fastapi",
    ),
    "a folder of a person's home": (
        r"/(?:home|Users)/(?!app/|nonroot/)[a-z]\w*/|/root/\w|[A-Z]:\\Users\\",
        "see /ho" + "me/alice/course/app.py",
    ),
    "the place of this checkout": (re.escape(str(ROOT)) + r"\b", f"{ROOT}/app.py"),
}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


def git(*arguments: str) -> list[str]:
    """What git says, split at NUL; skips where the project is not a git checkout."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    ended = run("git", *arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.split("\0")[:-1]


def finds(pattern: str, text: str) -> list[int]:
    """The numbers of the lines that match."""
    lines = enumerate(text.splitlines(), 1)
    return [number for number, line in lines if re.search(pattern, line)]


def ruff(*command: str) -> list[str]:
    """What ruff finds in everything that git does not ignore, and in the launcher."""
    options = ["--quiet", "--output-format=concise", ".", "course"]
    ended = run(sys.executable, "-m", "ruff", *command, *options)
    assert ended.returncode in (0, 1), ended.stderr
    return ended.stdout.splitlines()


def test_the_code_keeps_the_rules() -> None:
    findings = ruff("check")
    assert not findings, "\n".join(findings)


def test_the_code_is_formatted() -> None:
    findings = ruff("format", "--check")
    assert not findings, "\n".join(findings)


def test_every_ignored_rule_has_a_reason_beside_it() -> None:
    settings = (ROOT / "pyproject.toml").read_text("utf-8").partition("\nignore = [")[2]
    entries = re.findall(r'^    "[A-Z]+\d*",.*', settings, re.MULTILINE)
    assert [entry for entry in entries if "  # " not in entry and ", # " not in entry] == []


@pytest.mark.parametrize("script", ["course", ".ci/run"])
def test_a_script_is_executable_in_git(script: str) -> None:
    assert [entry.split()[0] for entry in git("ls-files", "-z", "--stage", script)] == ["100755"]


@pytest.mark.parametrize("what", OF_ONE_MACHINE)
def test_no_file_names(what: str) -> None:
    pattern = OF_ONE_MACHINE[what][0]
    files = git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    found = {}
    for file in files:
        path = ROOT / file
        if path.is_file() and (lines := finds(pattern, path.read_text("utf-8", "replace"))):
            found[file] = lines
    assert found == {}


@pytest.mark.parametrize("what", OF_ONE_MACHINE)
def test_such_a_line_is_noticed(what: str) -> None:
    pattern, line = OF_ONE_MACHINE[what]
    assert finds(pattern, f"first\n{line}\n") == [2]
