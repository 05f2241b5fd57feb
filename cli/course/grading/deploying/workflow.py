"""A GitHub Actions workflow: what it does on a pull request, in which order, with which rights."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from course.grading.deploying.ignored import as_expression
from course.grading.deploying.reading import Unreadable, listed, mapping, yaml_of
from course.grading.deploying.shell import commands_in, done_by, without_quotes

CI = ".github/workflows/ci.yml"
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
ASKS_HOW_IT_WENT = re.compile(r"\b(?:always|failure|cancelled|success)\(\)")
SUCCEEDED = re.compile(
    r"(?<!!)\bsuccess\(\)"
    r"|!\s*contains\(\s*needs\.\*\.result\s*,\s*'failure'\s*\)"
)
NOT_IF_FAILED = re.compile(r"!\s*failure\(\)")
INSTALLS = re.compile(
    r"\b(?:pip3?|pipx|uv|poetry|pdm|conda|apt-get|apt)\s+(?:\S+\s+)*?(?:install|sync|add)\b"
)
FAILS = re.compile(
    r"(?<!\S)(?:exit|return)\s+[\"']?[1-9$]|(?<!\S)false(?!\S)|^\s*(?:fail|die|abort)\w*(?:\s|$)"
    r"|^\s*(?:\[\[?|test)\s.*\$\?"
)
FAILS_AT_ONCE = re.compile(r"\s*[{(]?\s*exit\s*(?:[;)}\n]|$)")
KEEPS_IN_MIND = re.compile(r"\s*[{(]?\s*(\w+)=")
TURNED_ROUND = re.compile(r"\s*(?:(?:then|else|do)\s+|[{(]\s*)*!\s")
ONLY_A_QUESTION = re.compile(r"\s*(?:(?:then|else|do)\s+|[{(]\s*)*(?:if|elif|while|until)\s")
BACKGROUND = re.compile(r"(?<![&>|])&(?![&>])")
WAITS = re.compile(r"\bwait\s+\S")
ONLY_ASKS = re.compile(
    r"\s(?:--(?:version|help|collect-only|co|fixtures|markers|setup-plan)|-[hV])\b"
)
PIPED_ON = re.compile(r"(?<!\|)\|(?!\|)")
GOES_ON = re.compile(r"\bset \+(?:e\b|o errexit)")
FAILS_LATER = re.compile(r"\bexit \"?\$|\bset -e")
NOT_ON_PULL_REQUESTS = re.compile(
    r"event_name\s*==\s*'(?!pull_request)|event_name\s*!=\s*'pull_request'"
    r"|github\.ref\s*==\s*'refs/(?:heads|tags)|startsWith\(\s*github\.ref\s*,\s*'refs/(?:heads|tags)"
    r"|^\s*(?:\$\{\{)?\s*false\b"
    r"|^\s*(?:\$\{\{)?\s*github\.event\.pull_request\.head\.repo\.fork\s*(?:==\s*true\s*)?(?:\}\}\s*)?$"
)
ANYWAY = re.compile(r"\s*(?:\$\{\{)?\s*true\s*(?:\}\})?\s*", re.IGNORECASE)
PUSHES = re.compile(
    r"push|publish|release|deploy|registry|--destination|\bskopeo\b|\bcrane\b|\boras\b|\bko\b|\bbake\b|type=(?:registry|image)"
    r"|\.sh\b|\.py\b|(?:^|\s)\./|\bscripts?/|\b(?:make|just|task|invoke|nox|dagger|earthly)\b"
)
# what a project's main branch is called
MAIN_BRANCHES = ("main", "master", "trunk", "develop", "development", "dev", "default", "mainline")
NAMED_FOR_BUILDING = re.compile(r"build|image|docker")
COMMIT = re.compile(r"@[0-9a-f]{40}$")
OF_A_BUILD = {"packages"}
OF_ITS_OWN = {"id-token", "attestations", "artifact-metadata", "deployments"}  # never for all jobs
OF_A_RELEASE = {"contents"}
OF_A_REPORT = {"checks", "pull-requests", "statuses", "security-events"}


class Job:
    """One job, and the steps it runs, also those of a workflow of this repository it calls."""

    def __init__(self, name: str, body: Mapping[str, Any], shell: str, folder: Path) -> None:
        self.name = name
        self.body = body
        self.shell = shell_of(body, shell)
        self.needs = [str(each) for each in listed(body.get("needs"))]
        self.condition = condition_of(body)
        self.steps = [mapping(each) for each in listed(body.get("steps"))]
        self.called = str(body.get("uses", ""))
        if self.called.startswith("./"):
            self.steps += _steps_of_workflow(folder, self.called.removeprefix("./"))
        self.steps = [inner for step in self.steps for inner in _steps_of_action(folder, step)]

    @property
    def releases(self) -> bool:
        """It says that it writes to the repository."""
        return re.search(r"release|git push|git tag", str(self.steps)) is not None

    def testing_steps(self) -> list[int]:
        """The numbers of its steps that run the tests, and fail with them."""
        if goes_on_anyway(self.body):
            return []
        return [
            number
            for number, step in enumerate(self.steps)
            if runs_tests(step, self.shell) and not goes_on_anyway(step)
        ]

    @property
    def tests(self) -> bool:
        elsewhere = not self.called.startswith("./") and "test" in self.called.lower()
        return bool(self.testing_steps()) or elsewhere

    @property
    def tests_pull_requests(self) -> bool:
        """It runs the tests, and no condition keeps it from a pull request."""
        if is_kept_from_pull_requests(self.condition):
            return False
        steps = [self.steps[number] for number in self.testing_steps()]
        return any(not is_kept_from_pull_requests(condition_of(step)) for step in steps) or (
            self.tests and not steps
        )

    @property
    def builds(self) -> bool:
        """It builds the image, or calls a workflow of others that is named for it."""
        elsewhere = not self.called.startswith("./") and NAMED_FOR_BUILDING.search(self.called)
        return bool(self.building_steps() or elsewhere)

    @property
    def pushes(self) -> bool:
        """It may put an image into a registry."""
        return any(may_push(step) for step in self.steps)

    def building_steps(self) -> list[int]:
        """The numbers of its steps that build the image."""
        return [number for number, step in enumerate(self.steps) if builds_the_image(step)]


def read_workflow(folder: Path) -> "Workflow":
    """The folder's ci.yml; `Unreadable` where there is none."""
    documents = yaml_of(folder, CI)
    body = mapping(documents[0]) if documents else {}
    if not mapping(body.get("jobs")):
        raise Unreadable(f"{CI} has no jobs.")
    return Workflow(body, folder)


class Workflow:
    """The whole file."""

    def __init__(self, body: Mapping[Any, Any], folder: Path) -> None:
        self.body = body
        self.folder = folder
        self.jobs = {
            str(name): Job(str(name), mapping(job), shell_of(body, ""), folder)
            for name, job in body["jobs"].items()
        }

    def runs_on_pull_requests(self) -> bool:
        """On those that change the app; YAML 1.1 reads the key `on` as true."""
        events = self.body.get("on", self.body.get(True))
        if not isinstance(events, Mapping):
            return "pull_request" in listed(events)
        event = mapping(events.get("pull_request"))
        types = listed(event.get("types"))
        return (
            "pull_request" in events
            and (not types or "synchronize" in types)
            and is_for_the_main_branch(event)
            and any(is_looked_at(path, event) for path in python_files(self.folder))
        )

    def builds_before_tests(self) -> Iterator[str]:
        """The jobs that build the image though the tests may not have passed."""
        for job in self.jobs.values():
            for number in job.building_steps():
                in_order = any(
                    earlier < number for earlier in job.testing_steps()
                ) and not runs_after_failures(condition_of(job.steps[number]))
                if not in_order and not self._waits_for_tests(job):
                    yield job.name
            if job.builds and not job.building_steps() and not self._waits_for_tests(job):
                yield job.name

    def _waits_for_tests(self, job: Job) -> bool:
        """By `needs`, straight or through others; a condition may do away with it."""
        return any(
            (other.tests or self._waits_for_tests(other))
            and not runs_after_failures(job.condition, need)
            for need in job.needs
            if (other := self.jobs.get(need)) is not None and other is not job
        )

    def too_many_rights(self) -> Iterator[str]:
        """What the jobs may do beyond what they need, in sentences."""
        for job in self.jobs.values():
            given = job.body.get("permissions", self.body.get("permissions"))
            if given is None and "permissions" not in (*job.body, *self.body):
                yield f"Nothing limits what the job {job.name} may do."
            elif isinstance(given, str):
                yield f"The job {job.name} has {given}."
            useful = OF_A_REPORT | (OF_A_BUILD if job.pushes or job.called else set())
            if "permissions" in job.body or len(self.jobs) == 1:
                useful |= OF_ITS_OWN | (OF_A_RELEASE if job.releases else set())
            for right, value in mapping(given).items():
                if value == "write" and right not in useful:
                    yield f"The job {job.name} may write {right}."

    def loose_actions(self) -> Iterator[str]:
        """What the jobs use of other repositories without naming a commit."""
        for job in self.jobs.values():
            for used in (job.called, *(str(step.get("uses", "")) for step in job.steps)):
                is_image = used.startswith("docker://")
                pinned = "@sha256:" in used if is_image else COMMIT.search(used)
                if used and not used.startswith("./") and not pinned:
                    yield used


def python_files(folder: Path) -> list[str]:
    """What the app is made of; a name for a folder without any."""
    found = [*folder.glob("*.py"), *folder.glob("app/**/*.py")]
    return [path.relative_to(folder).as_posix() for path in found] or ["app.py"]


def is_for_the_main_branch(event: Mapping[str, Any]) -> bool:
    """Whether pull requests to the main branch make the event's workflow run, by its `branches`.

    That branch has a name of its own in each project, but none ignores its own.
    """
    if "branches-ignore" in event:
        return all(is_looked_at(name, event, "branches") for name in ("main", "master"))
    return any(is_looked_at(name, event, "branches") for name in MAIN_BRANCHES)


def is_looked_at(path: str, event: Mapping[str, Any], by: str = "paths") -> bool:
    """Whether a change of this file alone makes the event's workflow run, by its `paths`."""

    def fits(rule: str) -> bool:
        return re.fullmatch(as_expression(rule), path) is not None

    if f"{by}-ignore" in event:
        return not any(fits(str(rule)) for rule in listed(event[f"{by}-ignore"]))
    looked_at = by not in event
    for rule in map(str, listed(event.get(by))):
        if fits(rule.removeprefix("!")):
            looked_at = not rule.startswith("!")
    return looked_at


def shell_of(body: Mapping[str, Any], otherwise: str) -> str:
    """The shell of a workflow's or a job's `run` steps where they name none."""
    return str(mapping(mapping(body.get("defaults")).get("run")).get("shell", otherwise))


def runs_tests(step: Mapping[str, Any], shell: str) -> bool:
    """A command that runs tests and fails with them, or builds the image's stage of that name."""
    script = str(step.get("run", ""))
    if GOES_ON.search(script) and not FAILS_LATER.search(script):
        return False
    shell = str(step.get("shell", shell))
    fails_with_a_pipe = shell == "bash" or "pipefail" in f"{shell} {script}"
    commands = commands_of(step)
    return "test" in str(mapping(step.get("with")).get("target", "")) or any(
        is_a_test_run(command, commands[number + 1 :], fails_with_a_pipe)
        for number, command in enumerate(commands)
    )


def is_a_test_run(command: str, later: Sequence[str], fails_with_a_pipe: bool) -> bool:
    """Whether it runs tests, and the script ends as they do; `later` is the rest of the script."""
    bare = without_quotes(command)
    text = bare if TESTS.search(bare) else command  # `sh -c "pytest"`
    found = TESTS.search(text)
    if found is None or any(each.search(command) for each in (INSTALLS, ONLY_ASKS)):
        return False
    if TURNED_ROUND.match(bare) or (found["path"] and LOOKS.search(text, 0, found.start())):
        return False
    rest, _, otherwise = text[found.end() :].partition("||")
    if text is bare:  # with its quotes
        otherwise = command[len(command) - len(otherwise) :] if otherwise else ""
    return (
        (not otherwise or fails_all_the_same(otherwise, later))
        and (fails_with_a_pipe or not PIPED_ON.search(rest))
        and (not BACKGROUND.search(rest) or any(map(WAITS.search, later)))
        and (not ONLY_A_QUESTION.match(bare) or any(map(FAILS.search, later)))
    )


def fails_all_the_same(otherwise: str, later: Sequence[str]) -> bool:
    """Whether a script fails though there is a `||` after its tests: `|| exit 1`, `|| CODE=$?`."""
    begin = otherwise.lstrip().removeprefix("{").removeprefix("(").rstrip("}) ")
    instead = [done_by(each) for each in commands_in(begin)]
    kept = KEEPS_IN_MIND.match(otherwise)
    return (
        any(FAILS.search(each) or TESTS.search(each) for each in instead)
        or FAILS_AT_ONCE.match(otherwise) is not None
        or (kept is not None and any(re.search(rf"\$\{{?{kept[1]}\b", each) for each in later))
    )


def commands_of(step: Mapping[str, Any]) -> list[str]:
    """What a step's script does, command by command."""
    return [done_by(each) for each in commands_in(str(step.get("run", "")))]


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


def runs_after_failures(condition: str, need: str = "") -> bool:
    """Whether an `if` is true though what came before has failed.

    That it must not have failed goes without saying, unless the condition asks how it went.
    """
    if not ASKS_HOW_IT_WENT.search(condition):
        return False
    return not all(asks_for_success(each, need) for each in alternatives(condition))


def asks_for_success(condition: str, need: str) -> bool:
    """Whether it is false after failures; `need` is the job whose result counts."""
    result = rf"needs\.{re.escape(need)}\.result\s*==\s*'success'" if need else r"(?!)"
    refuses = NOT_IF_FAILED.search(condition) and "always()" not in condition
    return bool(refuses or SUCCEEDED.search(condition) or re.search(result, condition))


def alternatives(condition: str) -> list[str]:
    """What stands between the `||` of an expression that are in no parentheses."""
    text = condition.strip().removeprefix("${{").removesuffix("}}")
    found, depth = [""], 0
    for part in re.split(r"(\|\||[()])", text):
        depth += (part == "(") - (part == ")")
        if part == "||" and depth == 0:
            found.append("")
        else:
            found[-1] += part
    return found


def goes_on_anyway(job_or_step: Mapping[str, Any]) -> bool:
    """Its failure is none: `continue-on-error: true`, as a value or as an expression."""
    return ANYWAY.fullmatch(str(job_or_step.get("continue-on-error", ""))) is not None


def condition_of(job_or_step: Mapping[str, Any]) -> str:
    """Its `if` as it was written, "" without one."""
    written = job_or_step.get("if", "")
    return str(written).lower() if isinstance(written, bool) else str(written)


def is_kept_from_pull_requests(condition: str) -> bool:
    return "||" not in condition and NOT_ON_PULL_REQUESTS.search(condition) is not None


def _steps_of_workflow(folder: Path, name: str) -> list[dict[str, Any]]:
    """The steps of a workflow in this repository, of all its jobs."""
    try:
        documents = yaml_of(folder, name)
    except Unreadable:
        return []
    jobs = mapping(mapping(documents[0]).get("jobs")) if documents else {}
    return [mapping(step) for job in jobs.values() for step in listed(mapping(job).get("steps"))]


def _steps_of_action(folder: Path, step: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The step itself; of an action in this repository, its steps as well."""
    used = str(step.get("uses", ""))
    inner: list[dict[str, Any]] = []
    for name in ("action.yml", "action.yaml") if used.startswith("./") else ():
        if (folder / used / name).is_file():
            documents = yaml_of(folder, f"{used}/{name}")
            runs = mapping(mapping(documents[0]).get("runs")) if documents else {}
            inner = [mapping(each) for each in listed(runs.get("steps"))]
    return [dict(step), *inner]
