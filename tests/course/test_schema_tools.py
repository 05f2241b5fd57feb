"""A schema is judged in a process of its own, always by the same requests."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from course.grading.check import Watchdog
from course.grading.schema_tools import SchemaTools
from course.grading.services import Missing

DECLARED = {"200": {"description": "Fine."}, "422": {"description": "Not fine."}}
BODY = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}},
    "additionalProperties": False,
}


def document(**responses: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": BODY}}
    operation = {"requestBody": {"content": content}, "responses": DECLARED | responses}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Names", "version": "1"},
        "paths": {"/names": {"post": operation}},
    }


class Names(BaseHTTPRequestHandler):
    """422 for what is no name, 418 for an empty one, 200 else."""

    bodies: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.bodies.append(body)
        try:
            name = json.loads(body)["name"]
            status = 422 if not isinstance(name, str) else 200 if name else 418
        except (ValueError, TypeError, KeyError):
            status = 422
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def names() -> Iterator[str]:
    Names.bodies = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Names) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_valid_schema_has_no_problems(tmp_path: Path) -> None:
    assert SchemaTools(tmp_path).problems(document()) == []


def test_the_place_of_a_problem_is_told(tmp_path: Path) -> None:
    wrong = document()
    wrong["paths"]["/names"]["post"]["parameters"] = [{"name": "a", "in": "nowhere"}]
    problems = SchemaTools(tmp_path).problems(wrong)
    assert problems and "paths//names/post" in problems[0]


def test_what_no_tool_understands_is_a_problem_too(tmp_path: Path) -> None:
    assert SchemaTools(tmp_path).problems({"openapi": "one"})
    assert SchemaTools(tmp_path).try_out({"openapi": "one"}, "http://127.0.0.1:1", {})


def test_undeclared_answers_are_found_by_the_same_requests(tmp_path: Path, names: str) -> None:
    tools = SchemaTools(tmp_path)
    first = tools.try_out(document(), names, {})
    assert first == ['POST /names with {"name": ""} was answered with 418, which is not declared.']
    bodies = list(Names.bodies)
    Names.bodies.clear()
    assert tools.try_out(document(), names, {}) == first
    assert Names.bodies == bodies


def test_json_of_wrong_types_is_sent_for_every_property(tmp_path: Path, names: str) -> None:
    described = document()
    operation = described["paths"]["/names"]["post"]
    schema = operation["requestBody"]["content"]["application/json"].pop("schema")
    schema["properties"]["age"] = {"type": "integer"}
    described["components"] = {"schemas": {"Named": schema}}
    operation["requestBody"]["content"]["application/json"]["schema"] = {
        "$ref": "#/components/schemas/Named"
    }
    SchemaTools(tmp_path).try_out(described, names, {})
    sent = [json.loads(body) for body in Names.bodies if body[:1] in (b"{", b"[")]
    assert [] in sent and {} in sent
    assert any(isinstance(body, dict) and body.get("name") == [{}] for body in sent)
    assert any(isinstance(body, dict) and body.get("age") == [{}] for body in sent)


def test_declared_answers_are_no_findings(tmp_path: Path, names: str) -> None:
    assert (
        SchemaTools(tmp_path).try_out(document(**{"4XX": {"description": "No."}}), names, {}) == []
    )


def test_without_the_packages_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Missing, match=r"openapi-spec-validator is not installed.*testing"):
        SchemaTools(tmp_path)


def test_a_test_that_is_given_more_time_is_ended_later() -> None:
    ended = threading.Event()
    watchdog = Watchdog(1000, ended.set)
    watchdog.give(1000)
    assert watchdog.limit == 2000
    watchdog.cancel()
    assert not ended.is_set()
    Watchdog(0.01, ended.set)
    assert ended.wait(5)
