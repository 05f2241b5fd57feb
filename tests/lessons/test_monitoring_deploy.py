"""The dashboard and the alerts of lesson monitoring name only what its solution exposes."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from course.fake_llm import FakeLLM, Reply
from course.grading.app_process import AppProcess, AppSpec, ColdStarter, environment_for_apps
from course.grading.evidence import Recorder
from course.grading.suite import App, Patience

SOLUTION = Path(__file__).parents[2] / "solutions" / "08_monitoring"
DEPLOY = SOLUTION / "deploy"
PROMETHEUS_OWN = {"up": {"job", "instance"}}
PROMTOOL = shutil.which("promtool")


def metrics_in(query: str) -> dict[str, set[str]]:
    """The metrics of a PromQL expression, each with the labels that are asked of it.

    Labels to group or to match by are asked of all metrics of the expression.
    """
    metrics: dict[str, set[str]] = {}
    grouped: set[str] = set()

    def visit(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.VectorSelector):
            asked = {matcher.name for matcher in part.matchers.matchers}
            metrics.setdefault(str(part.name), set()).update(asked)
        elif isinstance(part, promql_parser.AggregateExpr) and part.modifier:
            grouped.update(part.modifier.labels)
        elif (
            isinstance(part, promql_parser.BinaryExpr) and part.modifier and part.modifier.matching
        ):
            grouped.update(part.modifier.matching.labels)

    promql_parser.walk(promql_parser.parse(query), visit)
    return {metric: labels | grouped for metric, labels in metrics.items()}


def queries() -> Iterator[tuple[str, str]]:
    """Where an expression stands, and the expression."""
    dashboard = json.loads((DEPLOY / "dashboard.json").read_text("utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    alerts = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))
    for group in alerts["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The names of the running solution's metrics, with their labels."""
    home = tmp_path_factory.mktemp("home")
    with FakeLLM(api_key="test-key") as llm:
        environment = environment_for_apps(home, llm.base_url, "test-key", {})
        process = AppProcess.start(AppSpec(SOLUTION, environment), ColdStarter())
        try:
            process.wait_until_ready(30)
            app = App(process, Recorder(), Patience())
            llm.script(Reply(), Reply(), Reply(status=500))
            for path in ("/query", "/stream", "/query"):
                app.post(path, json={"query": "Name a river."})
            page = app.get("/metrics").text
        finally:
            process.end()
    names: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            names.setdefault(sample.name, set()).update(sample.labels)
    return names


@pytest.mark.parametrize(("where", "query"), [*queries()])
def test_a_query_names_what_there_is(where: str, query: str, exposed: dict[str, set[str]]) -> None:
    there = exposed | PROMETHEUS_OWN
    wanted: dict[str, Any] = metrics_in(query)
    assert wanted, f"{where}: no metric in {query}"
    for metric, labels in wanted.items():
        assert metric in there, f"{where}: nothing exposes {metric}"
        assert labels <= there[metric], f"{where}: {metric} has no {labels - there[metric]}"


def test_every_metric_of_the_lesson_is_watched() -> None:
    watched = {
        re.sub(r"_(bucket|count|sum)$", "", metric)
        for _, query in queries()
        for metric in metrics_in(query)
    }
    assert watched - PROMETHEUS_OWN.keys() == {
        "http_requests_total",
        "http_request_duration_seconds",
        "llm_requests_total",
        "llm_tokens_total",
        "llm_request_duration_seconds",
        "llm_time_to_first_token_seconds",
        "llm_requests_in_flight",
    }


@pytest.mark.parametrize(
    ("query", "metrics"),
    [
        (
            'sum by (le, route) (rate(a_bucket{b="c", d=~"e.*"}[5m]))',
            {"a_bucket": {"le", "route", "b", "d"}},
        ),
        ("sum(a) / on(x) b > 0.05 and c offset 1d", {"a": {"x"}, "b": {"x"}, "c": {"x"}}),
        ('up{job="x(y){z}"} == 0', {"up": {"job"}}),
        ("histogram_quantile(0.5, sum(rate(a[5m])))", {"a": set()}),
    ],
)
def test_metrics_are_found_in_promql(query: str, metrics: dict[str, set[str]]) -> None:
    assert metrics_in(query) == metrics


def test_the_configuration_names_the_alerts_and_the_route_of_the_metrics() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text("utf-8"))
    assert config["rule_files"] == ["alerts.yml"]
    assert {job["metrics_path"] for job in config["scrape_configs"]} == {"/metrics"}


@pytest.mark.skipif(not PROMTOOL, reason="promtool is not installed; .ci/run brings Debian's")
def test_promtool_has_nothing_to_say_of_configuration_and_alerts() -> None:
    ended = subprocess.run(
        [str(PROMTOOL), "check", "config", "--lint-fatal", "prometheus.yml"],
        cwd=DEPLOY,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "6 rules found" in ended.stdout
