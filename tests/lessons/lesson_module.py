"""A lesson's naive version or example as a module."""

import importlib.util
from pathlib import Path
from types import ModuleType

LESSONS = Path(__file__).parents[2] / "lessons"


def load_from(folder: str, name: str) -> ModuleType:
    """The module at `lessons/folder/name`, loaded anew."""
    spec = importlib.util.spec_from_file_location(Path(name).stem, LESSONS / folder / name)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
