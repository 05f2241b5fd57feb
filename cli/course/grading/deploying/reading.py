"""Files of a submission, read or refused in a sentence for the learner."""

from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

# the one in C is ten times as fast, where the wheel has it
SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Unreadable(AssertionError):
    """A file is missing, or is not what its name says; the message is for the learner."""


def text_of(folder: Path, name: str) -> str:
    """The text of a file in the folder."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Unreadable(f"There is no {name} in the folder.") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise Unreadable(f"{name} cannot be read as a text: {problem}.") from None


def yaml_of(folder: Path, name: str) -> list[Any]:
    """The documents of a YAML file, without empty ones."""
    try:
        documents = list(yaml.load_all(text_of(folder, name), Loader=SAFE_LOADER))
    except (yaml.YAMLError, ValueError) as problem:
        said = " ".join(str(problem).split())
        raise Unreadable(f"{name} is no valid YAML: {said}.") from None
    return [document for document in documents if document is not None]


def mapping(value: object) -> dict[str, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """The items of a list, one item alone, or nothing."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
