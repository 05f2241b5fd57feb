"""The learner's app as uvicorn finds it: imported from its folder, its /docs without a network."""

import importlib
import os
import sys
import traceback
from typing import Any

from course.grading.processes import die_with_parent
from course.serving import CANNOT_START, FOLDER, STARTED
from course.serving.offline_docs import OfflineDocs


def tell() -> None:
    os.write(1, STARTED + b"\n")


def load(folder: str) -> Any:
    """The object `app` of the module `app`, as `uvicorn app:app` finds it; else this ends."""
    sys.path.insert(0, folder)
    try:
        module = importlib.import_module("app")
    except Exception:  # noqa: BLE001 - whatever it is, it is the learner's to see
        traceback.print_exc()
        sys.exit(CANNOT_START)
    if callable(getattr(module, "app", None)):
        return module.app
    print("The module app has nothing called `app` that can be served.", file=sys.stderr)
    sys.exit(CANNOT_START)


if FOLDER in os.environ:
    die_with_parent(os.getppid())
    app = OfflineDocs(load(os.environ.pop(FOLDER)), on_start=tell)
