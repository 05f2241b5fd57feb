"""`course serve`: a lesson's app and its LLM side by side, until Ctrl-C."""

import os
import queue
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from course.catalog import Lesson
from course.checking import Choice, Target, targets
from course.fake_llm import FakeLLM
from course.grading.processes import describe_exit
from course.grading.tracebacks import learner_first
from course.saves import SaveWatcher
from course.serving import Refused
from course.serving.llm import Pace, paced_llm, refuse_other_than_fake
from course.serving.ports import listen
from course.serving.running import PATIENCE_SECONDS, AppToServe, RunningApp
from course.serving.screen import Screen
from course.serving.stopping import until_stopped
from course.workspace import Workspace

FIRST_PORT = 8000
DEFAULT_QUERY = 'course query "Why is the sky blue?"'
LOOPBACK = "127.0.0.1,localhost"
EOF
