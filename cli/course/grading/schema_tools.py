"""What judges an OpenAPI schema: a validator, and requests made from the schema.

Both are large and come with a lock of their own, so they run in a process of their own.
"""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course.grading.services import Missing, remedy

PACKAGES = ("openapi_spec_validator", "schemathesis")
SCHEMA_SECONDS = 120.0  # two on an idle machine


class SchemaTools:
    """Reads a schema, and tries an app out by it. `home` is an empty folder."""

    def __init__(self, home: Path) -> None:
        for package in PACKAGES:
            if importlib.util.find_spec(package) is None:
                raise Missing(
                    f"{package.replace('_', '-')} is not installed, which reads OpenAPI schemas. "
                    f"To run this, too: {remedy('testing')}"
                )
        self._home = home

    def problems(self, document: Any) -> list[str]:
        """What is not valid OpenAPI in a schema, in the validator's words."""
        return self._ask({"do": "validate", "document": document})

    def try_out(self, document: Any, url: str, headers: Mapping[str, str]) -> list[str]:
        """A sentence for each answer that is a 5xx or not declared; the requests are always alike.

        A sound schema is needed: what cannot be read makes a sentence, too.
        """
        what = {"do": "try out", "document": document, "url": url, "headers": dict(headers)}
        return self._ask(what)

    def _ask(self, question: dict[str, Any]) -> list[str]:
        ended = subprocess.run(
            [sys.executable, "-I", "-m", "course.grading.schema_child"],
            input=json.dumps(question),
            capture_output=True,
            encoding="utf-8",
            cwd=self._home,
            env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(self._home)},
            timeout=SCHEMA_SECONDS,
            check=False,
        )
        if ended.returncode != 0:
            raise RuntimeError(f"The schema could not be judged.\n{ended.stderr}")
        found: list[str] = json.loads(ended.stdout.splitlines()[-1])
        return found
