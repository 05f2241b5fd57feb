"""Where things are: the course's files, and the learner's, which nothing here overwrites."""

import hashlib
import json
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from course.catalog import Course, Lesson, load

Which = Literal["work", "starter", "solution"]
PROGRESS = "progress.json"
BACKUPS = "backups"


class WorkspaceError(Exception):
    """Something about the folders is not as asked; the message says what to do."""


def content_root() -> Path:
    """The folder with lessons, starter, solutions and suites.

    The repository, or the wheel's own copy.
    """
    package = Path(__file__).resolve().parent
    repository = package.parent.parent
    return repository if (repository / "course.toml").is_file() else package / "_content"


@dataclass(frozen=True)
class Workspace:
    """The course's files under `content`, the learner's under `work`."""

    content: Path
    work: Path

    @classmethod
    def here(cls) -> "Workspace":
        """`$COURSE_WORK`, else `work/`: beside the lessons in the repository, else where one is."""
        content = content_root()
        chosen = os.environ.get("COURSE_WORK")
        parent = content if (content / "pyproject.toml").is_file() else Path.cwd()
        return cls(content, Path(chosen).absolute() if chosen else parent / "work")

    def course(self) -> Course:
        return load(self.content / "course.toml")

    def folder(self, lesson: Lesson, which: Which) -> Path:
        """The folder of a lesson's starter, solution or work."""
        parents = {
            "work": self.work,
            "starter": self.content / "starter",
            "solution": self.content / "solutions",
        }
        return parents[which] / lesson.folder

    def suite(self, lesson: Lesson) -> Path:
        return self.content / "tests" / "suites" / lesson.slug / f"test_{lesson.slug}.py"

    def page(self, lesson: Lesson) -> Path:
        return self.content / "lessons" / lesson.folder / "README.md"

    def shown_page(self, lesson: Lesson) -> str:
        """The lesson's page as a message names it."""
        return f"lessons/{lesson.folder}/README.md"

    # The learner's work

    def start(self, lesson: Lesson) -> Path:
        """Copy the starter to the work folder, all at once or not at all.

        Existing work stays as it is.
        """
        target = self.folder(lesson, "work")
        if target.exists():
            return target
        source = self.folder(lesson, "starter")
        try:
            self.work.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.work, prefix=".start-") as passing:
                copy = Path(passing) / lesson.folder
                copy_lesson(source, copy)
                copy.rename(target)
        except OSError as problem:
            raise WorkspaceError(f"{target} cannot be written: {problem.strerror}.") from None
        self.remember(lesson, started_from=fingerprint(source))
        return target

    def whereabouts(self, lesson: Lesson) -> tuple[str, str]:
        """Two lines for a learner: which files to edit, and what to read."""
        return (
            f"Your copy:   {self.folder(lesson, 'work')}",
            f"The lesson:  {self.page(lesson)}",
        )

    def reset(self, lesson: Lesson) -> Path:
        """Put the work folder away under `work/backups` and start anew; returns the backup."""
        target = self.folder(lesson, "work")
        if not target.exists():
            raise WorkspaceError(f"There is nothing to reset: {target} does not exist.")
        backups = self.work / BACKUPS
        stamp = time.strftime("%Y-%m-%d_%H.%M.%S")
        backups.mkdir(exist_ok=True)
        backup = backups / f"{lesson.folder}_{stamp}"
        number = 1
        while backup.exists():
            number += 1
            backup = backups / f"{lesson.folder}_{stamp}_{number}"
        target.rename(backup)
        self.forget(lesson)
        self.start(lesson)
        return backup

    def changed_since_start(self, lesson: Lesson) -> bool:
        """The course has a newer starter than the one this work began from."""
        begun = self.progress().get(lesson.slug, {}).get("started_from")
        return begun is not None and begun != fingerprint(self.folder(lesson, "starter"))

    # Progress

    def progress(self) -> dict[str, dict[str, Any]]:
        """What is known of each lesson by slug.

        Empty when nothing was saved, or it cannot be read.
        """
        try:
            lessons = json.loads((self.work / PROGRESS).read_text(encoding="utf-8"))["lessons"]
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return lessons if isinstance(lessons, dict) else {}

    def remember(self, lesson: Lesson, **facts: Any) -> None:
        """Save facts of a lesson, atomically: a reader sees the old file or the new one.

        The lesson becomes the last in the file: the one that was worked on last.
        """
        known = self.progress()
        known[lesson.slug] = {**known.pop(lesson.slug, {}), **facts}
        self._save(known)

    def forget(self, lesson: Lesson) -> None:
        """Forget what is known of a lesson: its points, its hints, that it was passed."""
        self._save({slug: facts for slug, facts in self.progress().items() if slug != lesson.slug})

    def _save(self, lessons: dict[str, dict[str, Any]]) -> None:
        self.work.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"version": 1, "lessons": lessons}, indent=1) + "\n"
        write_atomically(self.work / PROGRESS, text)

    def current_lesson(self, course: Course) -> Lesson:
        """The lesson one is on: the one worked on last, then what follows it and is not passed."""
        progress = self.progress()
        slugs = [lesson.slug for lesson in course.lessons]
        latest = next((slugs.index(slug) for slug in reversed(progress) if slug in slugs), 0)
        for lesson in (*course.lessons[latest:], *course.lessons[:latest]):
            if not progress.get(lesson.slug, {}).get("passed"):
                return lesson
        return course.lessons[-1]


def as_typed(command: str) -> str:
    """A command (`check basic`) as the learner types it: the launcher says whether `./course`."""
    return f"{os.environ.get('COURSE_COMMAND', 'course')} {command}".rstrip()


def copy_lesson(source: Path, target: Path) -> None:
    """Copy a lesson's files as new files: writable, without caches, no links."""
    shutil.copytree(
        source,
        target,
        ignore=shutil.ignore_patterns("__pycache__", ".*_cache", "*.pyc"),
        copy_function=shutil.copyfile,
    )


def fingerprint(folder: Path) -> str:
    """A hash over names and contents of a folder's files."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's content in one step; an interrupted write leaves the old one."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
