"""A cold `course check basic --solution` beside pytest with TestClient running one test.

The peer is what one would write without the course: pytest, FastAPI's TestClient, respx for the
LLM, one test of the same app, in a fresh process. What must wait by the contract (an LLM that is
silent for LLM_TIMEOUT_SECONDS) is measured with it.

    python benchmarks/cold_check.py
"""

import os
import tempfile
from pathlib import Path

from measure import command, in_turn, show

ROOT = Path(__file__).parent.parent
SOLUTION = ROOT / "solutions" / "01_basic"

CHECK = ("-m", "course", "check", "basic", "--solution")

ONE_TEST = f"""
import sys
sys.path.insert(0, {str(SOLUTION)!r})
import httpx, respx
from fastapi.testclient import TestClient
from app import app

ANSWER = {{"model": "gpt-4", "usage": {{"total_tokens": 3}},
          "choices": [{{"message": {{"content": "hello"}}}}]}}

@respx.mock
def test_query():
    respx.post("http://llm.test/v1/chat/completions").respond(json=ANSWER)
    with TestClient(app) as client:
        assert client.post("/query", json={{"query": "hi"}}).json()["response"] == "hello"
"""

os.environ.update(LLM_BASE_URL="http://llm.test/v1", LLM_API_KEY="key")
with tempfile.TemporaryDirectory() as folder:
    test = Path(folder) / "test_one.py"
    test.write_text(ONE_TEST)
    pytest = ("-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider", str(test))
    show(
        "cold check",
        in_turn(
            {
                "course check basic --solution": command(*CHECK),
                "pytest + TestClient, one test": command(*pytest),
            },
            runs=5,
        ),
    )
