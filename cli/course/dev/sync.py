"""`course dev sync`: writes what is generated, or says what is out of date."""

from course.catalog import Course
from course.dev import notebooks, pages
from course.dev.locks import write_locks
from course.dev.prose import course_pages
from course.workspace import Workspace, write_atomically


def sync(workspace: Workspace, check: bool = False) -> list[str]:
    """Bring pages, locks and notebooks up to date; returns what was not. `check` writes nothing."""
    root = workspace.content
    stale = sync_pages(workspace, workspace.course(), check)
    return [*stale, *write_locks(root, check), *notebooks.build(root, check)]


def sync_pages(workspace: Workspace, course: Course, check: bool = False) -> list[str]:
    """Write excerpts and tables into the pages; raises `ExcerptError` when one has no source."""
    stale = []
    for path in course_pages(workspace.content):
        lesson = next((each for each in course.lessons if workspace.page(each) == path), None)
        text = path.read_text(encoding="utf-8")
        parts = pages.written_parts(text, workspace.content, course, lesson)
        where = path.relative_to(workspace.content).as_posix()
        stale += [
            f"{where}: {part.what[0].lower()}{part.what[1:]} is out of date"
            for part in parts
            if text[part.start : part.end] != part.wanted
        ]
        renewed = pages.renewed(text, parts)
        if renewed != text and not check:
            write_atomically(path, renewed)
    return stale
