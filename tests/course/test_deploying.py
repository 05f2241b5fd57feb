"""Dockerfiles, ignore rules, manifests and workflows, read in every spelling."""

from collections.abc import Callable
from pathlib import Path

import pytest

from course.grading.deploying import tools
from course.grading.deploying.dockerfile import Dockerfile, is_pinned, read_dockerfile
from course.grading.deploying.ignored import keeps_out
from course.grading.deploying.keys import KEY_FILES, secrets_given_in
from course.grading.deploying.manifests import Deployment, probe_asks, read_manifests, selects
from course.grading.deploying.manifests import the_deployment as the_deployment_of
from course.grading.deploying.reading import Unreadable
from course.grading.deploying.starting import starts_the_app
from course.grading.deploying.workflow import CI, Workflow, read_workflow
from course.grading.services import Missing

Write = Callable[[dict[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files into a folder by their names."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


# Dockerfile


def dockerfile(folder: Path, text: str) -> Dockerfile:
    (folder / "Dockerfile").write_text(text, encoding="utf-8")
    return read_dockerfile(folder)


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("FROM a\nUSER 10001", "10001"),
        ("FROM a\nUSER app:app", "app"),
        ("FROM scratch\nCOPY --chown=1:1 a b\nuser 65532:65532\n", "65532"),
        ("FROM a\nUSER app\nUSER root", "root"),
        ("FROM a AS base\nUSER app\nFROM base\nRUN b", "app"),
        ("FROM a AS build\nUSER app\nFROM a\nCOPY --from=build b c", ""),
        ("FROM a\nARG UID=10001\nUSER ${UID}", "10001"),
        ("ARG UID=7\nFROM a\nARG UID\nUSER $UID", "7"),
        ("FROM a\nARG UID\nUSER ${UID:-12}", "12"),
        ("FROM a\nARG UID\nUSER $UID", ""),
        ('FROM a\nENV APP_USER="app"\nUSER "$APP_USER"', "app"),
        ("FROM a\nENV APP_USER app\nUSER $APP_USER", "app"),
        ("FROM gcr.io/distroless/python3-debian12:nonroot", "65532"),
        ("FROM gcr.io/distroless/python3-debian12:nonroot@sha256:" + 64 * "a", "65532"),
        ("FROM gcr.io/distroless/python3-debian12@sha256:" + 64 * "a", ""),
        ("FROM a\nUSER 10001\nRUN <<EOF\nUSER root\nEOF\n", "10001"),
        ("FROM a\nUSER 10001\nCOPY <<-'END' /b\n\tUSER root\n\tEND\n", "10001"),
        ("FROM a\nUSER \\\n  # why\n  10001\n", "10001"),
    ],
)
def test_the_user_of_the_last_stage_is_found(text: str, user: str, tmp_path: Path) -> None:
    assert dockerfile(tmp_path, text).user == user


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("FROM python:3.13-slim", ["python:3.13-slim"]),
        ("FROM --platform=linux/amd64 a:1.2 AS x\nFROM X\n", ["a:1.2"]),
        ("ARG V=3.12\nFROM python:${V}-slim", ["python:3.12-slim"]),
        ("ARG V\nFROM python:$V", ["python:"]),
        ("ARG V\nFROM python:${V:-3.11}", ["python:3.11"]),
        ("ARG A=b:1.0\nARG B=$A\nFROM ${B}", ["b:1.0"]),
        ("FROM scratch\nCOPY --from=docker.io/c:latest d e", []),
    ],
)
def test_the_images_of_others_are_found(text: str, images: list[str], tmp_path: Path) -> None:
    assert [image for _, image in dockerfile(tmp_path, text).outer_images()] == images


@pytest.mark.parametrize(
    ("image", "pinned"),
    [
        ("python:3.12", True),
        ("python:3.12.1-slim-bookworm", True),
        (f"python@sha256:{'0' * 64}", True),
        (f"python:3@sha256:{'0' * 64}", True),
        ("registry:5000/python:3.12", True),
        ("ghcr.io/astral-sh/uv:python3.12-slim", True),
        ("ubuntu:24.04", True),
        ("alpine:3.20", True),
        ("python:v3.12-alpine3.20", True),
        ("python:3-alpine3.20", False),
        ("python:alpine3.20", False),
        ("python", False),
        ("python:3", False),
        ("python:slim", False),
        ("python:latest", False),
        ("registry.example.com:5000/python", False),
        ("python@sha256:0000", False),
    ],
)
def test_a_pin_is_a_digest_or_a_minor_version(image: str, pinned: bool) -> None:
    assert is_pinned(image) == pinned


@pytest.mark.parametrize(
    ("last", "takes"),
    [
        ("FROM b\nCOPY --from=build x y", True),
        ("FROM b\nCOPY --chown=1 --from=0 x y", True),
        ("FROM build", False),
        ("FROM build\nCOPY --from=build x y", False),
        ("FROM b AS base\nFROM base AS other\nFROM base\nCOPY --from=other x y", True),
        ("FROM b AS base\nCOPY --from=build x y\nFROM base", True),
        ("FROM b\nRUN --mount=type=bind,from=build,target=/w pip install /w/*", True),
        ("FROM b\nCOPY x y", False),
        ("FROM b\nCOPY --from=ghcr.io/c:1.0 x y", False),
    ],
)
def test_a_stage_takes_from_another(last: str, takes: bool, tmp_path: Path) -> None:
    found = dockerfile(tmp_path, f"FROM a AS Build\nRUN x\n{last}")
    assert found.final.takes_from(found.stages[:-1]) == takes


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('CMD ["python", "-m", "app"]', "python -m app"),
        ('ENTRYPOINT ["python"]\nCMD [ "-m" , "app" ]', "python -m app"),
        ('CMD ["a"]\nCMD ["python", \\\n  "-m", "app"]', "python -m app"),
        ("CMD exec python -m app", "exec python -m app"),
        ("RUN a", ""),
    ],
)
def test_entrypoint_and_command_are_joined(text: str, command: str, tmp_path: Path) -> None:
    assert " ".join(dockerfile(tmp_path, f"FROM a\n{text}").command) == command


@pytest.mark.parametrize(
    ("command", "script", "starts"),
    [
        (["python", "-m", "app"], "", True),
        (["/usr/bin/tini", "--", "python", "-um", "app"], "", True),
        (["sh", "-c", "exec python -m app"], "", True),
        (["sh", "-c", "cd /srv && exec python -m app"], "", True),
        (["sh", "-c", "python -m app"], "", True),
        (["sh", "-c", "cd /srv && python -m app"], "", False),
        (["/start.sh"], "set -eu\nexec gosu nobody python -m app", True),
        (["/start.sh"], 'set -- python -m app\nexec "$@"', True),
        (["/start.sh", "python", "-m", "app"], 'exec "$@"', True),
        (["/start.sh", "python", "-m", "app"], '"$@"', False),
        (["/start.sh"], "python -m app", False),
        (["/start.sh"], "# like python -m app\nexec uvicorn app:app", False),
        (["/start.sh"], "trap 'kill $!' TERM\npython -m app & wait $!", True),
        (["/elsewhere.sh", "python", "-m", "app"], "", True),
        (["python", "app/__main__.py"], "", False),
    ],
)
def test_a_command_comes_down_to_the_app(command: list[str], script: str, starts: bool) -> None:
    scripts = [
        ("start.sh", script),
        ("__main__.py", '"""What python -m app does."""'),
        ("check", "#!/bin/sh\ncurl localhost"),
    ]
    assert starts_the_app(command, scripts) == starts


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("import os\nos.execvp('python', ['python', '-m', 'app'])", True),
        ("import runpy\nrunpy.run_module('app', run_name='__main__')", True),
        ("# python -m app", False),
    ],
)
def test_a_python_file_may_start_the_app(text: str, starts: bool) -> None:
    assert starts_the_app(["python", "start.py"], [("start.py", text)]) == starts


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        (".env.production", True),
        ("credentials.json", True),
        ("llm_api_key.txt", True),
        ("secrets", True),
        ("tls.key", True),
        ("secrets.py", False),
        ("public.key", False),
        (".env.example", False),
        ("tokenizer.json", False),
    ],
)
def test_files_with_keys_are_known_by_their_names(name: str, is_one: bool) -> None:
    assert (KEY_FILES.fullmatch(name) is not None) == is_one


@pytest.mark.parametrize(
    ("command", "given"),
    [
        ("LLM_API_KEY=hunter2 python", ["LLM_API_KEY"]),
        ('INDEX_TOKEN="$(cat /run/secrets/token)"', []),
        ("INDEX_TOKEN=`cat /run/secrets/token`", []),
        ("printf 'password=%s' \"$P\"", []),
    ],
)
def test_a_secret_in_a_command_is_a_value(command: str, given: list[str]) -> None:
    assert secrets_given_in(command) == given


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("FROM a\nENV PORT=9000", "9000"),
        ("FROM a\nARG P=9000\nENV PORT=$P", "9000"),
        ("FROM a\nARG PORT=9000", ""),
        ("FROM a\nEXPOSE 9000", ""),
    ],
)
def test_the_port_of_an_image_is_in_its_environment(text: str, port: str, tmp_path: Path) -> None:
    assert dockerfile(tmp_path, text).port == port


def test_a_command_in_single_quotes_is_for_a_shell(tmp_path: Path) -> None:
    last = dockerfile(tmp_path, "FROM a\nCMD ['python', '-m', 'app']").final.last("CMD")
    assert last is not None and last.exec_form is None


def test_what_is_no_dockerfile_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="There is no Dockerfile in the folder"):
        read_dockerfile(tmp_path)
    with pytest.raises(Unreadable, match="no FROM"):
        dockerfile(tmp_path, "RUN a\n")


@pytest.mark.parametrize(
    ("rules", "path", "out"),
    [
        (".env", ".env", True),
        ("/.env\n", ".env", True),
        ("./.env/", ".env", True),
        ("**/.env", ".env", True),
        ("**/.env", "a/b/.env", True),
        (".env", "a/.env", False),
        (".env*", ".env.local", True),
        (".*", ".git/config", True),
        (".git", ".git/config", True),
        (".git/**", ".git/config", True),
        ("*\n!app", ".env", True),
        ("*\n!app", "app/main.py", False),
        ("*\n!app\napp/*.pyc", "app/main.pyc", True),
        (".env\n!.env*", ".env", False),
        ("# .env", ".env", False),
        ("", ".env", False),
        (".en?", ".env", True),
        (".[ef]nv", ".env", True),
        ("\\.env", ".env", True),
        (".github", ".git/config", False),
        ("**", ".env", True),
        ("\ufeff.env", ".env", True),
    ],
)
def test_dockerignore_is_read_by_dockers_rules(rules: str, path: str, out: bool) -> None:
    assert keeps_out(rules, path) == out


# Kubernetes

POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      %s
"""


FROM_A_SECRET = "valueFrom: {secretKeyRef: {name: s, key: k}}"


def deployment(write: Write, spec: str, others: str = "") -> Deployment:
    text = f"{POD % spec}\n---\n{others}"
    return the_deployment_of(read_manifests(write({"k8s/all.yaml": text})))


@pytest.mark.parametrize(
    ("container", "others", "seconds"),
    [
        ("{}", "", 5),
        ("{env: [{name: DRAIN_SECONDS, value: '7'}]}", "", 7),
        ("{env: [{name: DRAIN_SECONDS, value: '7'}, {name: DRAIN_SECONDS, value: '8'}]}", "", 8),
        (
            "{envFrom: [{configMapRef: {name: c}}]}",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {DRAIN_SECONDS: '9'}}",
            9,
        ),
        (
            "{envFrom: [{prefix: DRAIN_, configMapRef: {name: c}}]}",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {SECONDS: '9'}}",
            9,
        ),
        (
            "{env: [{name: DRAIN_SECONDS, valueFrom: {configMapKeyRef: {name: c, key: k}}}]}",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {k: '2.5'}}",
            2.5,
        ),
        ("{envFrom: [{configMapRef: {name: elsewhere}}]}", "", 5),
        ("{env: [{name: DRAIN_SECONDS, value: 'soon'}]}", "", "soon"),
    ],
)
def test_a_setting_is_found_where_it_is_set(
    container: str, others: str, seconds: float | str, write: Write
) -> None:
    found = deployment(write, f"containers: [{container}]", others)
    assert found.setting("DRAIN_SECONDS", 5) == seconds


def test_a_containers_own_security_goes_before_its_pods(write: Write) -> None:
    found = deployment(
        write,
        "{securityContext: {runAsNonRoot: true, runAsUser: 5},"
        " containers: [{securityContext: {runAsUser: 0}}]}",
    )
    assert (found.security("runAsNonRoot"), found.security("runAsUser")) == (True, 0)


@pytest.mark.parametrize(
    ("spec", "refers"),
    [
        (f"containers: [{{env: [{{name: LLM_API_KEY, {FROM_A_SECRET}}}]}}]", True),
        (f"containers: [{{env: [{{name: K, {FROM_A_SECRET}}}]}}]", False),
        (
            f"containers: [{{env: [{{name: K, {FROM_A_SECRET}}},"
            " {name: LLM_API_KEY, value: $(K)}]}]",
            True,
        ),
        (
            f"containers: [{{env: [{{name: K, {FROM_A_SECRET}}}],"
            " command: [sh, -c, 'LLM_API_KEY=$K exec python -m app']}]",
            True,
        ),
        ("containers: [{envFrom: [{secretRef: {name: s}}]}]", True),
        ("{volumes: [{name: v, secret: {secretName: s}}], containers: [{}]}", True),
        ("{volumes: [{projected: {sources: [{secret: {name: s}}]}}], containers: [{}]}", True),
        ("containers: [{env: [{name: K, value: v}]}]", False),
    ],
)
def test_a_secret_is_referred_to_in_several_ways(spec: str, refers: bool, write: Write) -> None:
    assert deployment(write, spec).refers_to_a_secret() == refers


@pytest.mark.parametrize(
    ("spec", "others", "found"),
    [
        ("containers: [{env: [{name: LLM_API_KEY, value: sk}]}]", "", ["LLM_API_KEY"]),
        ("containers: [{env: [{name: LLM_API_KEY, value: ''}]}]", "", []),
        ("containers: [{env: [{name: TOKEN_LIMIT, value: '9'}]}]", "", []),
        ("containers: [{env: [{name: API_TOKEN_FILE, value: /run/token}]}]", "", []),
        ("containers: [{env: [{name: API_TOKEN, value: $(OTHER)}]}]", "", []),
        ("containers: [{command: [sh, -c, 'LLM_API_KEY=k exec x']}]", "", ["LLM_API_KEY"]),
        ("containers: [{args: [--api-token=k]}]", "", ["--api-token"]),
        ("containers: [{args: [--api-token=$(TOKEN), '--token-file=/run/t']}]", "", []),
        (
            "containers: [{env: [{name: LOGIN, value: sk-0123456789}]}]",
            "",
            ["LOGIN, which looks like a key,"],
        ),
        (
            "containers: [{}]",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: sk-0123456789}}",
            ["a of ConfigMap c in k8s/all.yaml, which looks like a key,"],
        ),
        (
            "{initContainers: [{env: [{name: DB_PASSWORD, value: p}]}], containers: [{}]}",
            "",
            ["DB_PASSWORD"],
        ),
        (
            "containers: [{env: [{name: LLM_API_KEY,"
            " valueFrom: {configMapKeyRef: {name: c, key: k}}}]}]",
            "",
            ["LLM_API_KEY"],
        ),
        (
            "containers: [{}]",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {OPENAI_API_KEY: sk}}",
            ["OPENAI_API_KEY of ConfigMap c in k8s/all.yaml"],
        ),
    ],
)
def test_a_secret_in_the_open_is_seen(
    spec: str, others: str, found: list[str], write: Write
) -> None:
    assert deployment(write, spec, others).secrets_written_out() == found


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        ({"matchLabels": {"app": "api"}}, True),
        ({"matchLabels": {"app": "web"}}, False),
        ({}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["api"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["api"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Resembles"}]}, False),
    ],
)
def test_a_selector_fits_labels(selector: dict[str, object], fits: bool) -> None:
    assert selects(selector, {"app": "api"}) == fits


@pytest.mark.parametrize(
    ("container", "may"),
    [
        ("{}", False),
        ("{envFrom: [{configMapRef: {name: c}}]}", False),
        ("{envFrom: [{configMapRef: {name: elsewhere}}]}", True),
        ("{envFrom: [{secretRef: {name: s}}]}", True),
        ("{env: [{name: PORT, valueFrom: {configMapKeyRef: {name: elsewhere, key: k}}}]}", True),
        ("{env: [{name: PORT, value: '1'}]}", False),
    ],
)
def test_a_variable_may_come_from_elsewhere(container: str, may: bool, write: Write) -> None:
    config = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}"
    found = deployment(write, f"containers: [{container}]", config)
    assert found.may_be_given_elsewhere("PORT") == may


def test_ports_have_numbers_and_names(write: Write) -> None:
    found = deployment(write, "containers: [{ports: [{name: http, containerPort: 8000}]}]")
    assert [found.port(each) for each in ("http", 8000, "8000", "web")] == [8000, 8000, 8000, None]


@pytest.mark.parametrize(
    ("probe", "asks"),
    [
        ({"httpGet": {"path": "/livez"}}, True),
        ({"httpGet": {"path": "/livez?verbose"}}, True),
        ({"exec": {"command": ["curl", "-f", "http://127.0.0.1:8000/livez"]}}, True),
        ({"exec": {"command": ["curl", "http://127.0.0.1:8000/livez-not"]}}, False),
        ({"tcpSocket": {"port": 8000}}, False),
        ({"httpGet": {"path": "/health"}}, False),
    ],
)
def test_a_probe_asks_for_a_path(probe: dict[str, object], asks: bool) -> None:
    assert probe_asks(probe, "/livez") == asks


def test_the_apps_container_is_told_from_a_sidecar(write: Write) -> None:
    found = deployment(
        write, "containers: [{name: proxy}, {name: x, env: [{name: LLM_BASE_URL, value: y}]}]"
    )
    assert found.container["name"] == "x"


def test_objects_stand_in_files_documents_and_lists(write: Write) -> None:
    item = "{apiVersion: v1, kind: Service, metadata: {name: %s}}"
    folder = write(
        {
            "k8s/a.yaml": f"---\n{item % 'a'}\n---\n\n---\n{item % 'b'}",
            "k8s/b.yml": f"{{apiVersion: v1, kind: List, items: [{item % 'c'}]}}",
            "k8s/notes.txt": "no object",
        }
    )
    assert [each.name for each in read_manifests(folder)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "is no valid YAML"),
        ("just a text", "has no apiVersion and kind"),
        ("", "no Kubernetes object"),
    ],
)
def test_what_is_no_manifest_is_refused_in_a_sentence(text: str, said: str, write: Write) -> None:
    with pytest.raises(Unreadable, match=said):
        read_manifests(write({"k8s/a.yaml": text}))


# Workflows

TESTED = """\
%s
jobs:
  test:
    runs-on: ubuntu-latest
    %s
    steps:
      - run: %s
  image:
    %s
    runs-on: ubuntu-latest
    steps:
      - run: docker build .
"""


def workflow(
    folder: Path,
    top: str = "on: pull_request",
    job: str = "timeout-minutes: 5",
    run: str = "pytest",
    image: str = "needs: test",
) -> Workflow:
    (folder / CI).parent.mkdir(parents=True, exist_ok=True)
    (folder / CI).write_text(TESTED % (top, job, run, image), encoding="utf-8")
    return read_workflow(folder)


@pytest.mark.parametrize(
    ("on", "runs"),
    [
        ("on: pull_request", True),
        ("on: [push, pull_request]", True),
        ('"on": {pull_request: {branches: [main]}}', True),
        ("on:\n  pull_request:", True),
        ("on: {pull_request: {branches: [master, 'release/**']}}", True),
        ("on: {pull_request: {branches: ['**', '!docs']}}", True),
        ("on: {pull_request: {branches-ignore: [docs]}}", True),
        ("on: {pull_request: {branches: [release]}}", False),
        ("on: {pull_request: {branches: ['**', '!ma*', '!trunk', '!de*']}}", False),
        ("on: {pull_request: {branches-ignore: [main]}}", False),
        ("on: {pull_request: {types: [opened, synchronize]}}", True),
        ("on: {pull_request: {types: [closed]}}", False),
        ("on: {pull_request: {paths: ['**.py', Dockerfile]}}", True),
        ("on: {pull_request: {paths: ['**', '!docs/**']}}", True),
        ("on: {pull_request: {paths-ignore: [docs/**, '*.md']}}", True),
        ("on: {pull_request: {paths: [docs/**]}}", False),
        ("on: {pull_request: {paths: ['**', '!**/*.py']}}", False),
        ("on: {pull_request: {paths-ignore: ['**']}}", False),
        ("on: push", False),
        ("on: pull_request_target", False),
    ],
)
def test_a_workflow_runs_on_pull_requests(on: str, runs: bool, tmp_path: Path) -> None:
    assert workflow(tmp_path, on).runs_on_pull_requests() == runs


@pytest.mark.parametrize(
    ("run", "tests"),
    [
        ("python -m pytest -q", True),
        ("uv run --frozen pytest", True),
        ("make test", True),
        ("tox -e py312", True),
        ("pipx run nox", True),
        ("pip install -e . && pytest", True),
        ("docker build --target test .", True),
        ("./scripts/test", True),
        ("python -m unittest", True),
        ("pip install pytest", False),
        ("pytest || true", False),
        ("pytest || /bin/true", False),
        ("'pytest || { echo failed; }'", False),
        ("pytest || CODE=$?", False),
        ("'! pytest'", False),
        ("pytest &", False),
        ("if pytest; then echo good; else echo bad; fi", False),
        ("cat pytest.ini", False),
        ("echo 'pytest is for later'", False),
        ("ruff check app ./tests", False),
        ("|\n          # pytest comes later\n          true", False),
        ("pytest || exit 1", True),
        ("pytest || (echo 'it (all) failed'; exit 1)", True),
        (
            "|\n          pytest || {\n            echo # don't\n            exit 1\n          }",
            True,
        ),
        ("|\n          pytest || CODE=$?\n          cat report\n          exit $CODE", True),
        ("|\n          pytest & PID=$!\n          wait $PID", True),
        ("if pytest; then echo good; else exit 1; fi", True),
        ("pytest || pytest --last-failed", True),
        ("pytest || [ $? -eq 5 ]", True),
        ("pytest -k 'a || b & c | d'", True),
        ("bash -c 'pytest -q'", True),
        ("|\n          echo 'one # two' && pytest", True),
        ("'if [ -d tests ]; then pytest; fi'", True),
        ("(cd service && pytest)", True),
        ("pytest --version", False),
        ("pytest --collect-only", False),
        ("python -m pytest -h", False),
        ("pytest --durations=3 -vv", True),
        ("pytest | tee report.txt", False),
        ("echo y | pytest", True),
        ("pytest | tee report.txt\n        shell: bash", True),
        ("|\n          set -o pipefail\n          pytest | tee report.txt", True),
        ("|\n          set +e\n          pytest\n          exit 0", False),
        ("|\n          set +e\n          pytest\n          code=$?\n          exit $code", True),
        ("echo done", False),
    ],
)
def test_a_command_tests_and_fails_with_its_tests(run: str, tests: bool, tmp_path: Path) -> None:
    assert workflow(tmp_path, run=run).jobs["test"].tests_pull_requests == tests


@pytest.mark.parametrize(
    ("job", "tests"),
    [
        ("if: github.event_name == 'push'", False),
        ("if: github.event_name != 'pull_request'", False),
        ("if: github.ref == 'refs/heads/main'", False),
        ("if: false", False),
        ("continue-on-error: true", False),
        ("continue-on-error: ${{ true }}", False),
        ("continue-on-error: ${{ matrix.experimental }}", True),
        ("if: github.event.pull_request.head.repo.fork", False),
        ("if: ${{ !github.event.pull_request.head.repo.fork }}", True),
        ("if: github.event_name == 'push' || github.event_name == 'pull_request'", True),
        ("if: ${{ github.actor != 'a-bot' }}", True),
    ],
)
def test_a_condition_can_keep_tests_from_pull_requests(
    job: str, tests: bool, tmp_path: Path
) -> None:
    assert workflow(tmp_path, job=job).jobs["test"].tests_pull_requests == tests


@pytest.mark.parametrize(
    ("image", "early"),
    [
        ("needs: test", []),
        ("needs: [test]", []),
        ("timeout-minutes: 5", ["image"]),
        ("needs: test\n    if: always()", ["image"]),
        ("needs: test\n    if: ${{ !cancelled() }}", ["image"]),
        ("needs: test\n    if: ${{ !failure() && !cancelled() }}", []),
        ("needs: test\n    if: ${{ always() && !failure() }}", ["image"]),
        ("needs: test\n    if: always() && needs.test.result == 'success'", []),
        ("needs: test\n    if: github.event_name == 'push'", []),
        ("needs: test\n    if: always() && needs.test.result == 'success' || true", ["image"]),
        ("needs: test\n    if: ${{ success() || true }}", ["image"]),
        ("needs: test\n    if: ${{ success() && (a == 'b' || true) }}", []),
        ("needs: test\n    if: github.ref == 'a' || github.ref == 'b'", []),
        ("needs: test\n    if: always() && !contains(needs.*.result, 'failure')", []),
        ("needs: nobody", ["image"]),
        ("needs: image", ["image"]),
    ],
)
def test_an_image_waits_for_tests(image: str, early: list[str], tmp_path: Path) -> None:
    assert list(workflow(tmp_path, image=image).builds_before_tests()) == early


@pytest.mark.parametrize(
    ("top", "said"),
    [
        ("permissions: {}", []),
        ("permissions: {contents: read}", []),
        ("permissions: {checks: write}", []),
        ("name: ci", ["Nothing limits what the job test may do."]),
        ("permissions: read-all", ["The job test has read-all."]),
        ("permissions: write-all", ["The job test has write-all."]),
        ("permissions: {contents: write}", ["The job test may write contents."]),
        ("permissions: {packages: write}", ["The job test may write packages."]),
        ("permissions: {id-token: write}", ["The job test may write id-token."]),
    ],
)
def test_rights_beyond_need_are_named(top: str, said: list[str], tmp_path: Path) -> None:
    image = "permissions: {packages: write}\n    env: {A: b}"
    found = workflow(tmp_path, f"on: pull_request\n{top}", image=image)
    not_pushed = "The job image may write packages."
    assert list(found.too_many_rights()) == [*said, not_pushed]


@pytest.mark.parametrize(
    ("step", "may"),
    [
        ("run: docker push x", True),
        ("run: docker buildx build --push .", True),
        ("run: skopeo copy a b", True),
        ("run: make image", True),
        ("run: docker build .", False),
        ("run: 'echo docker push'", False),
        ("{uses: docker/build-push-action@v6, with: {push: true}}", True),
        ('{uses: docker/build-push-action@v6, with: {push: "${{ a }}"}}', True),
        ("{uses: docker/build-push-action@v6, with: {push: false}}", False),
        ("uses: docker/build-push-action@v6", False),
        ("uses: redhat-actions/push-to-registry@v2", True),
        ("uses: actions/checkout@v6", False),
    ],
)
def test_a_job_that_pushes_may_write_packages(step: str, may: bool, tmp_path: Path) -> None:
    job = "permissions: {packages: write}"
    found = workflow(tmp_path, "on: push\npermissions: {}", job, run=f"pytest\n      - {step}")
    said = [] if may else ["The job test may write packages."]
    assert list(found.too_many_rights()) == said


@pytest.mark.parametrize(
    ("used", "loose"),
    [
        (f"actions/checkout@{'a' * 40}", False),
        (f"owner/name/sub/path@{'0' * 40}", False),
        ("./.github/actions/own", False),
        (f"docker://alpine@sha256:{'0' * 64}", False),
        ("docker://alpine:3.20", True),
        ("actions/checkout@v4", True),
        ("actions/checkout@11bd719", True),
        (f"actions/checkout@{'a' * 40}-not", True),
    ],
)
def test_an_action_is_pinned_by_its_commit(used: str, loose: bool, tmp_path: Path) -> None:
    found = workflow(tmp_path, run=f"pytest\n      - uses: {used}")
    assert list(found.loose_actions()) == ([used] if loose else [])


def test_a_workflow_and_an_action_of_the_repository_are_looked_into(write: Write) -> None:
    called = "jobs: {x: {runs-on: y, steps: [{uses: ./.github/actions/t}]}}"
    ci = (
        "on: pull_request\njobs:\n  t: {uses: ./.github/workflows/t.yml}\n"
        "  b: {needs: t, runs-on: x, steps: [{uses: docker/build-push-action@v6}]}\n"
    )
    action = "runs: {using: composite, steps: [{run: pytest}, {uses: a/b@main}]}"
    folder = write(
        {
            ".github/workflows/ci.yml": ci,
            ".github/workflows/t.yml": called,
            ".github/actions/t/action.yml": action,
        }
    )
    found = read_workflow(folder)
    assert list(found.loose_actions()) == ["a/b@main", "docker/build-push-action@v6"]
    assert found.jobs["t"].tests_pull_requests
    assert list(found.builds_before_tests()) == []


@pytest.mark.parametrize(
    ("step", "builds"),
    [
        ("run: docker build .", True),
        ("run: docker buildx build --push .", True),
        ("run: docker compose -f ci.yml build", True),
        ("run: podman build -t x .", True),
        ("run: ./scripts/build-image.sh", True),
        ("run: make docker-build", True),
        ("uses: docker/build-push-action@v6", True),
        ("{uses: docker/build-push-action@v6, with: {target: test}}", False),
        ("run: docker build --target test .", False),
        ("{run: 'docker login ghcr.io\n\nmake build'}", False),
        ("run: python -m build", False),
    ],
)
def test_a_step_builds_the_image(step: str, builds: bool, tmp_path: Path) -> None:
    assert workflow(tmp_path, run=f"true\n      - {step}").jobs["test"].builds == builds


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ("{contents: write}", ["The job test may write contents."]),
        ("{contents: read, id-token: write}", []),
    ],
)
def test_a_job_may_ask_for_rights_of_its_own(job: str, said: list[str], tmp_path: Path) -> None:
    found = workflow(tmp_path, "on: pull_request\npermissions: {}", f"permissions: {job}")
    assert list(found.too_many_rights()) == said


def test_a_job_that_releases_may_write_contents(tmp_path: Path) -> None:
    job = "permissions: {contents: write}"
    found = workflow(tmp_path, "on: push\npermissions: {}", job, run="gh release create v1")
    assert list(found.too_many_rights()) == []


def test_workflows_of_others_are_known_by_their_names(write: Write) -> None:
    others = "a/b/.github/workflows"
    calls = f"{{t: {{uses: {others}/test.yml@v1}}, i: {{uses: {others}/image.yml@v1%s}}}}"
    for needs, early in (("", ["i"]), (", needs: t", [])):
        folder = write({CI: f"on: pull_request\njobs: {calls % needs}"})
        assert list(read_workflow(folder).builds_before_tests()) == early
        assert read_workflow(folder).jobs["t"].tests_pull_requests


def test_a_limit_is_a_request_and_a_sidecar_has_ports(write: Write) -> None:
    found = deployment(
        write,
        "containers: [{name: proxy, ports: [{name: https, containerPort: 8443}]},"
        " {name: x, env: [{name: LLM_MODEL}], resources: {limits: {cpu: 1}}}]",
    )
    assert found.resource("requests", "cpu") == 1
    assert found.resource("limits", "memory") is None
    assert [found.beside(target) for target in ("https", 8443, 8000)] == [True, True, False]


# The tools

SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (SERVICE, ""),
        ({**SERVICE, "spec": {"prots": []}}, "'prots' was unexpected"),
        ({**SERVICE, "spec": {"ports": "all"}}, "spec.ports: 'all' is not of type"),
        ({**SERVICE, "apiVersion": "v2"}, "has no Service in core/v2"),
        ({"apiVersion": "apps/v1beta1", "kind": "Deployment"}, "no Deployment in apps/v1beta1"),
        ({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}, ""),
        ({"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor"}, ""),
        ({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute"}, ""),
        ({"apiVersion": "autoscaling.k8s.io/v1", "kind": "VerticalPodAutoscaler"}, ""),
        (
            {"apiVersion": "networking.k8s.io/v1beta1", "kind": "Ingress"},
            "no Ingress in networking",
        ),
    ],
)
def test_kubernetes_schemas_judge_its_own_kinds(body: dict[str, object], said: str) -> None:
    found = tools.kubernetes_schemas()(body)
    assert said in found
    assert bool(found) == bool(said)


def test_linters_say_line_and_rule(write: Write) -> None:
    folder = write({"Dockerfile": "FROM python\nCMD python -m app\n", CI: "on: push\njobs: {}\n"})
    assert [each.rule for each in tools.hadolint()(folder / "Dockerfile")] == ["DL3006", "DL3025"]
    assert "jobs" in str(tools.actionlint()(folder / CI)[0])


def test_a_workflow_names_others_from_its_own_folder(write: Write) -> None:
    outer = write(
        {
            ".git/HEAD": "",
            ".github/workflows/outer.yml": "",
            f"work/{CI}": "on: push\njobs:\n  a: {uses: ./.github/workflows/%s.yml}\n",
            "work/.github/workflows/own.yml": "on: workflow_call\njobs: {}\n",
        }
    )
    written = (outer / "work" / CI).read_text("utf-8")
    for name, known in (("own", True), ("outer", False)):
        (outer / "work" / CI).write_text(written % name, "utf-8")
        assert (tools.actionlint()(outer / "work" / CI) == []) == known


def test_a_linter_that_cannot_read_its_settings_says_so(write: Write) -> None:
    folder = write({CI: "on: push\n", ".github/actionlint.yaml": "paths: [\n"})
    with pytest.raises(Unreadable, match="actionlint could not read your files"):
        tools.actionlint()(folder / CI)


def test_a_missing_tool_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "_beside_python", lambda name: None)
    monkeypatch.setattr(tools, "in_wheel", lambda package, pattern: None)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for make, name in (
        (tools.hadolint, "hadolint"),
        (tools.actionlint, "actionlint"),
        (tools.kubernetes_schemas, "Kubernetes' schemas"),
    ):
        with pytest.raises(Missing, match=f"Needs {name}.*--ensure services"):
            make()
