"""Scripts run in the mind end as they end in bash."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.grading.deploying.dry_run import MOST_STEPS, fails_with
from course.grading.deploying.reading import Unreadable
from course.grading.deploying.shell import Command, commands_in

SCRIPTS = [
    "pytest",
    "pytest; true",
    "true; pytest",
    "pytest && true",
    "true && pytest",
    "pytest && true; true",
    "pytest || true",
    "pytest || false",
    "pytest || exit 3",
    "! pytest",
    "! true; true",
    "(pytest)",
    "(pytest || exit 4); true",
    "(exit 0); pytest",
    "{ pytest; true; }",
    "{ pytest; } || true",
    "pytest | cat",
    "set -o pipefail; pytest | cat",
    "set -euo pipefail; pytest | cat; true",
    "pytest | cat; exit ${PIPESTATUS[0]}",
    "if pytest; then true; else exit 5; fi",
    "if pytest; then exit 6; fi",
    "if ! pytest; then exit 7; fi",
    "if pytest; then true; elif true; then exit 8; fi",
    "if false; then true; elif pytest; then true; else exit 9; fi",
    "set +e; pytest; true",
    "set +e; pytest; code=$?; true; exit $code",
    "set +e; pytest; set -e; true",
    "set +o errexit; pytest; exit 0",
    "code=0; pytest || code=$?; true; exit $code",
    "code=0; pytest || code=$?; exit ${code:-0}",
    "pytest || code=1; [ ${code:-0} -eq 0 ]",
    "pytest || code=1; if [[ ${code:-0} != 0 ]]; then exit 2; fi",
    "code=0; pytest || code=1; if (( code > 0 )); then exit 2; fi",
    "pytest || [ $? -eq 1 ]",
    "pytest || test $? -eq 5",
    "pytest & wait $!",
    "pytest & true",
    "pytest & wait",
    "out=$(pytest); true",
    'out="$(pytest)"; true',
    "export out=$(pytest); true",
    "A=1 B=2; pytest",
    "tests() { pytest; }; tests; true",
    "tests() { pytest || return 7; true; }; tests; true",
    "tests() { pytest || return 0; }; tests; true",
    "tests() { pytest; true; }; tests || exit 3",
    "for each in 1; do pytest; done; true",
    "for each in 1; do pytest || code=1; done; exit ${code:-0}",
    "for each in 1; do pytest || true; done",
    "while pytest; do exit 0; done",
    "until true; do pytest; done",
    "bash -c 'pytest; true'",
    "bash -ec 'pytest; true'",
    "sh -c 'pytest'",
    "exec pytest",
    "exit 0; pytest",
    "pytest > /dev/null 2>&1; true",
    "pytest 2>&1 | cat || true",
    "case 1 in 1) pytest;; esac; true",
    "# pytest",
    "true; # pytest\ntrue",
    "cat <<'END' > /dev/null\npytest\nEND\n",
    "",
]
PIECES = r"""
f() || && | & ; ( ) { } (( )) [[ ]] ! ' ` $( ${ $? @ # " \
if then elif else fi while until do done case in esac function
pytest exit export x= <<END 1 if($env:CI){pytest}
"""


def is_pytest(command: Command) -> bool:
    return "pytest" in command.words


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_fails_in_the_mind_as_it_does_in_bash(script: str, tmp_path: Path) -> None:
    (tmp_path / "pytest").write_text("#!/bin/sh\nexit 1\n", "utf-8")
    (tmp_path / "pytest").chmod(0o755)
    ended = subprocess.run(
        ["bash", "--noprofile", "--norc", "-ec", script],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        timeout=30,
    )
    assert fails_with(script, is_pytest, errexit=True, pipefail=False) == (ended.returncode != 0)


@pytest.mark.parametrize(
    ("script", "errexit", "pipefail", "fails"),
    [
        ("pytest | cat", True, True, True),
        ("pytest; true", False, False, False),
        # what we have not seen may go either way
        ("[ -d tests ] || exit 0\npytest", True, False, True),
        ('if [ -n "$SKIP" ]; then exit 0; fi\npytest', True, False, True),
        # but a failure for another reason is none of the tests
        ('if [ -z "$KEY" ]; then exit 1; fi\npytest || true', True, False, False),
        ("false; pytest", True, False, False),
        # GitHub puts its expressions in first
        ("pytest ${{ matrix.options || '-q' }}", True, False, True),
    ],
)
def test_what_a_script_does_not_say_is_taken_kindly(
    script: str, errexit: bool, pipefail: bool, fails: bool
) -> None:
    assert fails_with(script, is_pytest, errexit, pipefail) == fails


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("f() { f; }; f", "calls itself"),
        ("a() { pytest; }\n" + "a || true\n" * MOST_STEPS, "too many steps"),
    ],
)
def test_a_script_without_an_end_is_refused_in_a_sentence(script: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        fails_with(script, is_pytest, errexit=True, pipefail=False)


@given(st.lists(st.sampled_from([*PIECES.split(), "\n"]), max_size=12))
@settings(max_examples=300, deadline=None)
def test_what_is_no_bash_is_read_as_far_as_it_goes(pieces: list[str]) -> None:
    script = " ".join(pieces)
    assert isinstance(fails_with(script, is_pytest, errexit=True, pipefail=False), bool)
    assert all(command.words for command in commands_in(script))
