"""Where a check takes place: the app's folder and settings, its LLM's address, a scratch folder."""

import secrets
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from course.grading.app_process import (
    AppProcess,
    AppSpec,
    ColdStarter,
    Starter,
    environment_for_apps,
    loopback_listener,
    scratch_folder,
)
from course.grading.job import Job, stdout_apart, suite_settings
from course.grading.services import claimed_port


class Scene:
    """Starts apps of one job, each with the same LLM and the suite's settings."""

    def __init__(self, job: Job, starter: Starter, started: Callable[[int], None]) -> None:
        self.starter = starter
        self.started = started  # is told the pid of each app
        self.folder = Path(job.folder)
        self.scratch = scratch_folder()
        self.llm_listener = loopback_listener()
        self.llm_api_key = f"sk-test-{secrets.token_hex(8)}"
        self.settings = suite_settings(Path(job.suite), self.scratch)
        self.stdout_apart = stdout_apart(Path(job.suite))

    def start(
        self,
        settings: Mapping[str, str | None],
        linger: bool = False,
        anew: bool = False,
        module: str = "",
    ) -> AppProcess:
        """Start the app with the suite's settings and these; `anew`: in a new interpreter.

        A `module` serves itself; its PORT is a free one, unless the settings say another.
        """
        llm_port = self.llm_listener.getsockname()[1]
        port, claim = claimed_port() if module else (0, None)
        environment = environment_for_apps(
            self.scratch,
            f"http://127.0.0.1:{llm_port}/v1",
            self.llm_api_key,
            {**({"PORT": str(port)} if module else {}), **self.settings, **settings},
        )
        spec = AppSpec(
            self.folder, environment, linger, module, port, stdout_apart=self.stdout_apart
        )
        process = AppProcess.start(spec, ColdStarter() if anew else self.starter)
        process.claim = claim
        self.started(process.handle.pid)
        return process

    def start_tests(
        self, folder: Path, settings: Mapping[str, str], tests: Mapping[str, Any]
    ) -> AppProcess:
        """Run the tests in `folder` with these settings; there is no LLM for them.

        Temporary files are of this run alone: what one run leaves there, no other one finds.
        """
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.new_folder()))
        environment = environment_for_apps(self.new_folder(), "", "", {**temporary, **settings})
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        process = AppProcess.start(AppSpec(folder, environment, tests=tests), self.starter)
        self.started(process.handle.pid)
        return process

    def new_folder(self) -> Path:
        """An empty folder inside the scratch folder."""
        return Path(tempfile.mkdtemp(dir=self.scratch))

    def end(self) -> None:
        """Remove the scratch folder."""
        shutil.rmtree(self.scratch, ignore_errors=True)
