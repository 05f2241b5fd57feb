"""`course dev new`: a lesson to begin with, with one small exercise that proves itself."""

import json
from pathlib import Path
from string import Template

from course.catalog import SLUG
from course.dev.skeleton import FILES, MANIFEST
from course.dev.sync import sync_pages
from course.workspace import Workspace, WorkspaceError


def new_lesson(workspace: Workspace, slug: str, title: str = "") -> list[Path]:
    """Write the files of a new lesson after the last one, and its entry in the manifest.

    Returns what was written. Raises `WorkspaceError` for a slug that is none or is taken.
    """
    root = workspace.content
    if not SLUG.fullmatch(slug):
        raise WorkspaceError(f"{slug!r} is no slug: lower case, digits and dashes, a letter first.")
    course = workspace.course()
    if slug in {lesson.slug for lesson in course.lessons}:
        raise WorkspaceError(f"The lesson {slug} exists already.")
    folder = f"{len(course.lessons) + 1:02}_{slug}"
    title = title or slug.replace("-", " ").capitalize()
    names = {"slug": slug, "folder": folder, "title": title, "quoted_title": json.dumps(title)}
    written = {
        root / Template(path).substitute(names): Template(text).substitute(names)
        for path, text in FILES.items()
    }
    for path in written:
        if path.exists():
            raise WorkspaceError(f"{path.relative_to(root)} exists already; nothing was written.")
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    manifest = root / "course.toml"
    entry = Template(MANIFEST).substitute(names)
    manifest.write_text(f"{manifest.read_text('utf-8').rstrip()}\n\n{entry}", encoding="utf-8")
    sync_pages(workspace, workspace.course())
    return [*written, manifest]
