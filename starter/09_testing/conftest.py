"""The environment of the tests, set before `app` is imported: what `.env.example` says."""

import os
from pathlib import Path

for line in (Path(__file__).parent / ".env.example").read_text(encoding="utf-8").splitlines():
    name, _, value = line.partition("=")
    os.environ[name] = value
