"""What one step of a workflow does: run the tests, build the image, push it."""

import re
from collections.abc import Mapping
from typing import Any

from course.grading.deploying.dry_run import fails_with, stops_at_failures
from course.grading.deploying.reading import mapping
from course.grading.deploying.shell import Command, commands_in

TESTS = re.compile(
    r"\bpytest\b(?!\.(?:ini|toml|xml|log))"
    r"|\btox\b|\bnox\b|\bunittest\b|\b(?:make|just|task|hatch|pdm|poe|invoke|npm)\s+(?:run\s+)?"
    r"(?:tests?|check)\b|run[-_]tests?\b|--target[= ]tests?\b"
    r"|(?P<path>[\w./-]*/tests?(?:\.sh)?(?:\s|$))"
)
# they look at tests, and run none
LOOKS = re.compile(
    r"\b(?:ruff|mypy|black|isort|flake8|pylint|pyright|bandit|compileall|py_compile|codespell|git)\b"
)
BUILDS = re.compile(
    r"\b(?:docker|podman|nerdctl|buildah|depot|pack)\s+(?:[\w./=-]+\s+)*?"
    r"(?:build|bake|bud|build-using-dockerfile)\b"
    r"|/kaniko/executor\b|\bbuildctl\b.*\sbuild\b|\baz\s+acr\s+build\b"
    r"|\b(?:make|just|task)\s+(?:image|docker|container)\S*"
    r"|\S*build\S*(?:image|docker)\S*|\S*(?:image|docker)\S*build\S*\.sh\b"
)
BUILDING_ACTIONS = (
    "docker/build-push-action",
    "docker/bake-action",
    "depot/build-push-action",
    "redhat-actions/buildah-build",
)
INSTALLS = re.compile(
    r"\b(?:pip3?|pipx|uv|poetry|pdm|conda|apt-get|apt)\s+(?:\S+\s+)*?(?:install|sync|add)\b"
)
ONLY_ASKS = re.compile(
    r"\s(?:--(?:version|help|collect-only|co|fixtures|markers|setup-plan)|-[hV])\b"
)
PUSHES = re.compile(
    r"push|publish|release|deploy|registry|--destination|\bskopeo\b|\bcrane\b|\boras\b|\bko\b|\bbake\b|type=(?:registry|image)"
    r"|\.sh\b|\.py\b|(?:^|\s)\./|\bscripts?/|\b(?:make|just|task|invoke|nox|dagger|earthly)\b"
)


def runs_tests(step: Mapping[str, Any], shell: str) -> bool:
    """A script that runs tests and fails with them, or a build of the image's stage of that name.

    `shell` is the step's where it names none, "" for GitHub's own.
    """
    if "test" in str(mapping(step.get("with")).get("target", "")):
        return True
    shell = str(step.get("shell", shell))
    return fails_with(
        str(step.get("run", "")),
        is_a_test_run,
        errexit="{0}" not in shell or stops_at_failures(shell.split()),
        pipefail=shell == "bash" or "pipefail" in shell,
    )


def is_a_test_run(command: Command) -> bool:
    """Whether a command runs tests, and does not only ask about them."""
    text = str(command)
    found = TESTS.search(text)
    return not (
        found is None
        or command.only_says
        or INSTALLS.search(text)
        or ONLY_ASKS.search(text)
        or (found["path"] and LOOKS.search(text, 0, found.start()))
    )


def commands_of(step: Mapping[str, Any]) -> list[str]:
    """What a step's script does, command by command."""
    found = commands_in(str(step.get("run", "")))
    return [str(command) for command in found if not command.only_says]


def builds_the_image(step: Mapping[str, Any]) -> bool:
    """A command or an action that builds an image, but for a stage that tests."""
    if str(step.get("uses", "")).partition("@")[0] in BUILDING_ACTIONS:
        return "test" not in str(mapping(step.get("with")).get("target", ""))
    return any(
        BUILDS.search(command) and not ("--target" in command and TESTS.search(command))
        for command in commands_of(step)
    )


def may_push(step: Mapping[str, Any]) -> bool:
    """Whether a step pushes, or is one of those that do not show what they do."""
    used, given = str(step.get("uses", "")), mapping(step.get("with"))
    if used.partition("@")[0] in BUILDING_ACTIONS and "bake" not in used:
        wanted = str(given.get("push", "false")).lower() != "false"
        elsewhere = f"{given.get('outputs')} {given.get('cache-to')}"
        return wanted or PUSHES.search(elsewhere) is not None
    others = bool(used) and not used.startswith(("./", "actions/", "docker/setup", "docker/login"))
    return (
        (others and "docker/metadata" not in used)
        or "push" in str(given)
        or any(PUSHES.search(command) for command in commands_of(step))
    )
