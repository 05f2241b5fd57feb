"""What a check of the course has to say: a place, what is wrong there, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that does not hold. `where` is a path from the root, perhaps with a line."""

    where: str
    what: str
    to_do: str

    def __str__(self) -> str:
        stop = "" if self.what.endswith((".", "!", "?")) else "."
        return f"{self.where}: {self.what}{stop} {self.to_do}"
