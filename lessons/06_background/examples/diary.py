"""A file that is there with all of its content, or not at all."""

import os
from pathlib import Path


def write_page(diary: Path, day: str, text: str) -> None:
    """Write under a name that nobody reads, make sure of the disk, and give it its own name."""
    unfinished = diary / f"{day}.tmp"
    with unfinished.open("w", encoding="utf-8") as page:
        page.write(text)
        page.flush()  # out of this process
        os.fsync(page.fileno())  # out of the machine's memory
    unfinished.replace(diary / f"{day}.txt")


def pages(diary: Path) -> list[str]:
    """Every page that was finished."""
    return [page.read_text(encoding="utf-8") for page in sorted(diary.glob("*.txt"))]
