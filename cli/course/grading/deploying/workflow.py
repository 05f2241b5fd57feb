"""A GitHub Actions workflow: what it does on a pull request, in which order, with which rights."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from course.grading.deploying.conditions import (
    condition_of,
    goes_on_anyway,
    is_for_the_main_branch,
    is_kept_from_pull_requests,
    is_looked_at,
    runs_after_failures,
)
from course.grading.deploying.reading import Unreadable, listed, mapping, yaml_of
from course.grading.deploying.steps import builds_the_image, may_push, runs_tests

CI = ".github/workflows/ci.yml"
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


def shell_of(body: Mapping[str, Any], otherwise: str) -> str:
    """The shell of a workflow's or a job's `run` steps where they name none."""
    return str(mapping(mapping(body.get("defaults")).get("run")).get("shell", otherwise))


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
