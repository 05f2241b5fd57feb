"""Lesson deployment: the files it is shipped with, and the process from its start to its end."""

import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from course.fake_llm import FakeLLM, Gate, Reply
from course.grading.deploying.dockerfile import Instruction, is_pinned, read_dockerfile
from course.grading.deploying.ignored import keeps_out
from course.grading.deploying.keys import A_KEY, KEY_FILES, SECRET_NAME, secrets_given_in
from course.grading.deploying.manifests import (
    Deployment,
    Manifest,
    probe_asks,
    read_manifests,
    selects,
    the_deployment,
)
from course.grading.deploying.reading import Unreadable, listed, mapping, text_of
from course.grading.deploying.shell import commands_in
from course.grading.deploying.starting import names_of, scripts_among, starts_the_app
from course.grading.deploying.tools import Lint, Schemas
from course.grading.deploying.workflow import CI, read_workflow
from course.grading.suite import App, Event, FreshApp, NoAnswer, Stream

APP_FIRST = False  # a Dockerfile is judged though the app does not even import

LONG = "60"  # seconds that no test waits for
SETTINGS_READ = (
    "LLM_BASE_URL",
    "LLM_API_KEY",
    "PORT",
    "LLM_TIMEOUT_SECONDS",
    "DRAIN_SECONDS",
    "SHUTDOWN_GRACE_SECONDS",
)
QUESTION = {"query": "Why is the sky blue?"}

two_stages = pytest.mark.exercise(
    "image", look="build-in-one-stage", idea="Which files of the build does the service need?"
)
pinned = pytest.mark.exercise(
    "image", look="pin-what-you-stand-on", idea="What will the same line mean next month?"
)
nobody = pytest.mark.exercise(
    "image", look="run-as-nobody", idea="Who is the process, and what may they do in there?"
)
signals = pytest.mark.exercise(
    "image", look="let-the-signal-through", idea="Which process gets the SIGTERM?"
)
secrets_out = pytest.mark.exercise(
    "image", look="keep-secrets-out", idea="What can anybody read who has the image?"
)
health = pytest.mark.exercise(
    "image", look="say-how-to-ask", idea="How does Docker find out that it no longer answers?"
)
linted = pytest.mark.exercise(
    "image", look="ask-the-tools", idea="What do others know about this line?"
)
valid = pytest.mark.exercise(
    "manifests", look="ask-the-tools", idea="Who reads these files, and what do they expect?"
)
probes = pytest.mark.exercise(
    "manifests", look="ask-two-questions", idea="Should it be killed, or only left alone?"
)
needs = pytest.mark.exercise(
    "manifests", look="say-what-it-needs", idea="What does a node know about what is coming?"
)
rights = pytest.mark.exercise(
    "manifests", look="give-up-rights", idea="What could an intruder do in this container?"
)
references = pytest.mark.exercise(
    "manifests", look="refer-to-secrets", idea="Who can read this file, now and in a year?"
)
patience = pytest.mark.exercise(
    "manifests", look="leave-it-the-time", idea="How long may it take from SIGTERM to the end?"
)
labels = pytest.mark.exercise(
    "manifests", look="tie-them-together", idea="How do these objects find each other?"
)
workflow_linted = pytest.mark.exercise(
    "pipeline", look="ask-the-tools", idea="What do others know about this line?"
)
order = pytest.mark.exercise(
    "pipeline", look="test-then-build", idea="What stops an image whose tests have failed?"
)
lent = pytest.mark.exercise(
    "pipeline", look="lend-little", idea="What could the code of a stranger do in this job?"
)
leaving = pytest.mark.exercise(
    "drain", look="say-that-you-are-leaving", idea="Who still sends requests, and for how long?"
)
finishing = pytest.mark.exercise(
    "drain", look="finish-what-was-begun", idea="Who is still being answered when SIGTERM comes?"
)
words = pytest.mark.exercise(
    "drain", look="stop-in-words", idea="What does a client make of a stream that just breaks off?"
)
reachable = pytest.mark.exercise(
    "config", look="listen-to-others", idea="From where does a request come to a container?"
)
refusing = pytest.mark.exercise(
    "config", look="refuse-to-start", idea="When does somebody notice, and what do they read?"
)


# image


@two_stages
def test_the_image_is_built_in_stages(folder: Path) -> None:
    dockerfile = read_dockerfile(folder)
    count = len(dockerfile.stages)
    assert count > 1, "We counted the stages of the Dockerfile: there is one FROM."
    assert dockerfile.final.takes_from(dockerfile.stages[:-1]), (
        f"The Dockerfile has {count} stages, and the last copies nothing out of a stage that it "
        "does not stand on: what was needed to build is in the image, or was built for nothing."
    )


@pinned
def test_every_base_is_pinned(folder: Path) -> None:
    for line, image in read_dockerfile(folder).outer_images():
        assert is_pinned(image), (
            f"Line {line} of the Dockerfile stands on {image}, which is another image after the "
            "next release."
        )


@nobody
def test_the_process_is_not_root(folder: Path) -> None:
    user = read_dockerfile(folder).user
    assert user, "The last stage of the Dockerfile says no user, so the process is root."
    assert user != "root" and user.strip("0"), f"The process runs as {user}, which is root."


@signals
def test_the_command_is_in_exec_form(folder: Path) -> None:
    final = read_dockerfile(folder).final
    found = [each for each in (final.last("ENTRYPOINT"), final.last("CMD")) if each]
    assert found, "The last stage of the Dockerfile has neither a CMD nor an ENTRYPOINT."
    for each in found:
        assert each.exec_form is not None, (
            f"Line {each.line} of the Dockerfile is {each.name} {each.value}, no JSON list: Docker "
            "starts a shell with that text as its argument, and the shell is what gets SIGTERM."
        )


@signals
def test_the_command_comes_down_to_python_m_app(folder: Path) -> None:
    dockerfile = read_dockerfile(folder)
    command = dockerfile.command
    scripts = [*dockerfile.documents, *scripts_among(names_of(command), folder)]
    assert starts_the_app(command, scripts), (
        f"The image starts {' '.join(command) or 'nothing'}. That does not become the process of "
        "the module app, which is the one that knows PORT and how to leave."
    )


@secrets_out
@pytest.mark.parametrize("name", [".env", ".git"])
def test_the_builder_never_sees(name: str, folder: Path) -> None:
    own = "Dockerfile.dockerignore"  # goes before the other where there is one
    path = f"{name}/config" if name == ".git" else name
    for file in (".dockerignore", *([own] if (folder / own).is_file() else [])):
        assert keeps_out(text_of(folder, file), path), (
            f"We asked your {file} for {path}: it lets it through, and a COPY of the folder puts "
            "it into the image."
        )


@secrets_out
def test_no_secret_is_written_into_the_image(folder: Path) -> None:
    dockerfile = read_dockerfile(folder)
    for each in (one for stage in dockerfile.stages for one in stage.instructions):
        if each.name in ("COPY", "ADD") and not each.flags.get("from"):
            taken = [name for name in names_of(each.words[:-1]) if KEY_FILES.fullmatch(name)]
            assert not taken, f"Line {each.line} of the Dockerfile copies {taken[0]} into a layer."
        if each.name in ("ARG", "ENV"):
            named = [word.partition("=")[0] for word in each.value.split()]
            kept = [name for name in named if SECRET_NAME.search(name)]
            assert not kept, (
                f"Line {each.line} of the Dockerfile is {each.name} {kept[0]}: its value stays in "
                "the image's history for everybody who has the image."
            )
        given = secrets_given_by(each)
        assert not given, (
            f"Line {each.line} of the Dockerfile, {each.name}, gives {given[0]} a value: it stays "
            "in the image for everybody who has the image."
        )
        written = any(A_KEY.search(text) for text in (each.value, *each.documents))
        assert not written, (
            f"Line {each.line} of the Dockerfile, {each.name}, has something in it that looks like "
            "a key: it stays in the image for everybody who has the image."
        )


def secrets_given_by(instruction: Instruction) -> list[str]:
    """The names whose values a command of the image, or a text written into it, gives away.

    What a RUN gives to its own command alone is gone with it.
    """
    texts = list(instruction.documents)
    if instruction.name in ("CMD", "ENTRYPOINT"):
        texts.append(" ".join(instruction.words))
    if instruction.name == "RUN":
        commands = [each for text in (instruction.value, *texts) for each in commands_in(text)]
        texts = [each.written for each in commands if each.only_says]
    return [name for text in texts for name in secrets_given_in(text)]


@health
def test_the_image_has_a_health_check(folder: Path) -> None:
    check = read_dockerfile(folder).final.last("HEALTHCHECK")
    assert check is not None, "The last stage of the Dockerfile has no HEALTHCHECK."
    assert check.value.upper() != "NONE", "The Dockerfile says HEALTHCHECK NONE."


@linted
def test_hadolint_finds_nothing(folder: Path, hadolint: Lint) -> None:
    text_of(folder, "Dockerfile")
    remarks = hadolint(folder / "Dockerfile")
    assert not remarks, f"In your Dockerfile hadolint finds, in {remarks[0]}."


# manifests


@valid
def test_the_manifests_are_valid(folder: Path, kubernetes_schemas: Schemas) -> None:
    for each in read_manifests(folder):
        problem = kubernetes_schemas(each.body)
        assert not problem, f"Kubernetes would refuse the {each}: {problem}."


def deployment_of(folder: Path) -> Deployment:
    return the_deployment(read_manifests(folder))


def said(value: object) -> str:
    """A value as YAML has it."""
    return "not given" if value is None else str(value).lower()


def of_kind(folder: Path, kind: str) -> list[Manifest]:
    found = [each for each in read_manifests(folder) if each.kind == kind]
    if not found:
        raise Unreadable(f"There is no {kind} in k8s/*.yaml.")
    return found


@probes
@pytest.mark.parametrize(
    ("which", "path"), [("livenessProbe", "/livez"), ("readinessProbe", "/readyz")]
)
def test_the_kubelet_asks(which: str, path: str, folder: Path) -> None:
    deployment = deployment_of(folder)
    probe = deployment.probe(which)
    assert probe, f"The container of the {deployment.manifest} has no {which}."
    assert probe_asks(probe, path), (
        f"The {which} of the {deployment.manifest} does not ask for {path}. It is {probe}."
    )
    port = mapping(probe.get("httpGet")).get("port", 0)
    number = deployment.port(port)
    assert number is not None, (
        f"The {which} asks at a port called {port}, and the container has none of that name."
    )
    listens_at = port_of_the_app(deployment, folder, otherwise=number)
    elsewhere = not port or deployment.beside(port)
    assert elsewhere or isinstance(listens_at, str) or number == listens_at, (
        f"The {which} asks at port {number}. By the PORT that it is given in k8s/ and the "
        f"Dockerfile, or else by default, the app listens at {listens_at:g}."
    )


def port_of_the_app(deployment: Deployment, folder: Path, otherwise: float) -> float | str:
    """Where it listens, as far as these files say; `otherwise` where others may have a say."""
    try:
        dockerfile = read_dockerfile(folder)
    except Unreadable:
        return deployment.setting("PORT", 8000)  # the exercise image says so
    scripts = scripts_among(names_of(dockerfile.command), folder)
    started_with = f"{deployment.command} {dockerfile.command} {dockerfile.documents} {scripts}"
    if "PORT" in started_with or deployment.may_be_given_elsewhere("PORT"):
        return deployment.setting("PORT", otherwise)
    given = dockerfile.port or "8000"
    return deployment.setting("PORT", float(given) if given.isdigit() else otherwise)


@needs
@pytest.mark.parametrize(("which", "name"), [("requests", "cpu"), ("limits", "memory")])
def test_the_container_says_what_it_needs(which: str, name: str, folder: Path) -> None:
    deployment = deployment_of(folder)
    assert deployment.resource(which, name) is not None, (
        f"The container of the {deployment.manifest} has no {name} in its resources' {which}."
    )


@rights
def test_the_container_cannot_become_root(folder: Path) -> None:
    deployment = deployment_of(folder)
    assert deployment.security("runAsNonRoot") is True, (
        f"Nothing keeps the container of the {deployment.manifest} from running as root: "
        f"runAsNonRoot is {said(deployment.security('runAsNonRoot'))}."
    )
    user = deployment.security("runAsUser")
    assert user != 0, f"The {deployment.manifest} runs as user 0, which is root."
    try:
        name = read_dockerfile(folder).user
    except Unreadable:
        return  # the exercise image says so
    assert isinstance(user, int) or not name or name.isdigit(), (
        f"The image's user is {name}. Kubernetes cannot tell by a name that this is not root and "
        f"refuses to start it: the {deployment.manifest} gives no number, either."
    )


@rights
@pytest.mark.parametrize(
    ("key", "value"), [("readOnlyRootFilesystem", True), ("allowPrivilegeEscalation", False)]
)
def test_the_container_gives_up_rights(key: str, value: bool, folder: Path) -> None:
    deployment = deployment_of(folder)
    found = deployment.security(key)
    assert found is value, (
        f"In the security context of the {deployment.manifest}, {key} is {said(found)}."
    )
    assert deployment.security("privileged") is not True, (
        f"The container of the {deployment.manifest} is privileged, so it may do all that the node "
        "may."
    )


@references
def test_no_secret_stands_in_the_manifests(folder: Path) -> None:
    written_out = deployment_of(folder).secrets_written_out()
    assert not written_out, (
        f"{written_out[0]} is written out in k8s/, where everybody reads it who has the repository."
    )


@references
def test_the_key_comes_from_a_secret(folder: Path) -> None:
    deployment = deployment_of(folder)
    assert deployment.refers_to_a_secret(), (
        f"The container of the {deployment.manifest} refers to no Secret, and without LLM_API_KEY "
        "it has nothing to work with."
    )


@patience
def test_the_grace_period_is_longer_than_the_way_out(folder: Path) -> None:
    deployment = deployment_of(folder)
    drain, grace = (
        deployment.setting("DRAIN_SECONDS", 5),
        deployment.setting("SHUTDOWN_GRACE_SECONDS", 25),
    )
    assert isinstance(drain, float | int) and isinstance(grace, float | int), (
        f"DRAIN_SECONDS is {drain} and SHUTDOWN_GRACE_SECONDS is {grace} in k8s/: no numbers."
    )
    given = deployment.pod.get("terminationGracePeriodSeconds", 30)
    assert given > drain + grace, (
        f"SIGKILL comes {given:g} seconds after SIGTERM. With DRAIN_SECONDS {drain:g} and "
        f"SHUTDOWN_GRACE_SECONDS {grace:g} the app may take {drain + grace:g} and a little more."
    )


@labels
def test_a_service_finds_the_pods(folder: Path) -> None:
    deployment = deployment_of(folder)
    services = of_kind(folder, "Service")
    found = [
        each
        for each in services
        if mapping(each.spec.get("selector"))
        and selects({"matchLabels": each.spec["selector"]}, deployment.labels)
        and deployment.same_namespace(each)
    ]
    assert found, (
        f"The {services[0]} selects {services[0].spec.get('selector')}, and the pods of the "
        f"{deployment.manifest} are labelled {deployment.labels}."
    )
    ports = [mapping(port) for each in found for port in listed(each.spec.get("ports"))]
    targets = [port.get("targetPort", port.get("port")) for port in ports]
    asked = mapping(deployment.probe("readinessProbe").get("httpGet")).get("port")
    expected = deployment.port(asked) if asked is not None else None
    numbers = {deployment.port(target) for target in targets} - {None}
    assert (
        any(deployment.beside(target) for target in targets)
        or expected in numbers
        or (expected is None and numbers)
    ), (
        f"The {found[0]} sends to port {targets[0] if targets else 'none'} of the pods. The "
        f"readiness probe finds the app at {asked}."
    )


@labels
def test_the_deployment_finds_its_own_pods(folder: Path) -> None:
    deployment = deployment_of(folder)
    selector = deployment.manifest.spec.get("selector")
    assert mapping(selector) and selects(selector, deployment.labels), (
        f"The {deployment.manifest} selects {selector}, and labels its pods {deployment.labels}."
    )


def assert_one_is_beside(deployment: Deployment, others: Sequence[Manifest]) -> None:
    """One of these objects is where the Deployment is: none sees into another namespace."""
    assert any(deployment.same_namespace(each) for each in others), (
        f"The {others[0]} and the {deployment.manifest} are in different namespaces."
    )


@labels
def test_the_autoscaler_scales_the_deployment(folder: Path) -> None:
    deployment = deployment_of(folder)
    scalers = of_kind(folder, "HorizontalPodAutoscaler")
    targets = [mapping(each.spec.get("scaleTargetRef")) for each in scalers]
    named = [(target.get("kind"), target.get("name")) for target in targets]
    assert ("Deployment", deployment.manifest.name) in named, (
        f"The {scalers[0]} scales {named[0][0]} {named[0][1]}. There is a {deployment.manifest}."
    )
    assert_one_is_beside(deployment, scalers)


@labels
def test_the_budget_protects_the_pods(folder: Path) -> None:
    deployment = deployment_of(folder)
    budgets = of_kind(folder, "PodDisruptionBudget")
    selectors = [each.spec.get("selector") for each in budgets]
    assert any(
        isinstance(selector, dict) and selects(selector, deployment.labels)
        for selector in selectors
    ), (
        f"The {budgets[0]} selects {selectors[0]}, and the pods of the {deployment.manifest} are "
        f"labelled {deployment.labels}."
    )
    assert_one_is_beside(deployment, budgets)


# pipeline


@workflow_linted
def test_actionlint_finds_nothing(folder: Path, actionlint: Lint) -> None:
    text_of(folder, CI)
    remarks = actionlint(folder / CI)
    assert not remarks, f"In your ci.yml actionlint finds, in {remarks[0]}."


@order
def test_pull_requests_are_tested(folder: Path) -> None:
    workflow = read_workflow(folder)
    assert workflow.runs_on_pull_requests(), (
        "We opened a pull request in our minds: nothing in `on:` makes your workflow run."
    )
    assert any(job.tests_pull_requests for job in workflow.jobs.values()), (
        f"On a pull request your jobs are {', '.join(workflow.jobs)}. We found no step in them "
        "that runs the tests then, and fails when they fail."
    )


@order
def test_the_image_waits_for_the_tests(folder: Path) -> None:
    workflow = read_workflow(folder)
    builds = any(job.builds for job in workflow.jobs.values())
    assert builds, f"No step of your jobs ({', '.join(workflow.jobs)}) builds the image."
    early = list(workflow.builds_before_tests())
    assert not early, (
        f"The job {early[0]} builds the image. It runs though the tests have failed, or before "
        "they have ended."
    )


@lent
def test_jobs_may_do_little(folder: Path) -> None:
    beyond = list(read_workflow(folder).too_many_rights())
    assert not beyond, f"We read the permissions of your workflow. {beyond[0]}"


@lent
def test_actions_of_others_are_pinned(folder: Path) -> None:
    loose = list(read_workflow(folder).loose_actions())
    assert not loose, (
        f"Your workflow uses {loose[0]}: whoever can move that name decides what runs in your job."
    )


# drain


def asked(app: App, method: str, path: str, json: object = None) -> int:
    """The status of an answer, 0 when the app takes no connection or breaks it."""
    try:
        return app.request(method, path, json=json).status
    except NoAnswer:
        return 0


def serving(fresh_app: FreshApp, drain: str | None, grace: str | None = LONG) -> App:
    """The app with these times, None is not set, after its first answer."""
    app = fresh_app(module="app", DRAIN_SECONDS=drain, SHUTDOWN_GRACE_SECONDS=grace)
    asked(app, "GET", "/livez")
    return app


def wait_for_readyz(app: App, status: int, within: float = 5.0) -> int:
    """Ask until the status comes; the last one seen."""
    deadline = time.monotonic() + within
    while (seen := asked(app, "GET", "/readyz")) not in (status, 0):
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return seen


@leaving
def test_it_is_ready_until_sigterm(fresh_app: FreshApp) -> None:
    app = serving(fresh_app, drain=LONG)
    before = wait_for_readyz(app, 200)
    assert before == 200, f"Before SIGTERM, /readyz answered {before}."
    app.terminate()
    after = wait_for_readyz(app, 503)
    assert after == 503, (
        f"We sent SIGTERM with DRAIN_SECONDS={LONG} and asked for /readyz. "
        f"{f'It answered {after}' if after else 'No answer came'}."
    )


@leaving
def test_it_goes_on_serving_for_a_while(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = serving(fresh_app, drain=LONG)
    app.terminate()
    wait_for_readyz(app, 503, within=2)
    for method, path, json in (
        ("GET", "/livez", None),
        ("POST", "/query", QUESTION),
        ("POST", "/stream", QUESTION),
    ):
        status = asked(app, method, path, json)
        assert status == 200, (
            f"We sent SIGTERM with DRAIN_SECONDS={LONG}, and {method} {path} right after it. "
            f"{f'It was answered with {status}' if status else 'No answer came'}."
        )


@leaving
def test_five_seconds_are_the_default_and_no_limit(fresh_app: FreshApp) -> None:
    longer, app = serving(fresh_app, drain=LONG), serving(fresh_app, drain=None)
    longer.terminate()
    begin = time.monotonic()
    app.terminate()
    time.sleep(2.5)
    assert_it_lives(app, "We sent SIGTERM, with DRAIN_SECONDS not set (5). 2.5 seconds later")
    code, lasted = app.wait_for_exit(10), time.monotonic() - begin
    assert code == 0 and lasted > 4.5, (
        "We sent SIGTERM, with DRAIN_SECONDS not set (5), and nothing was open. "
        f"{lasted:.1f} seconds later "
        f"{'it still ran' if code is None else f'it had ended with {code}'}."
    )
    longer.wait_for_exit(1)
    assert_it_lives(longer, f"We sent SIGTERM with DRAIN_SECONDS={LONG}. 6 seconds later")


def assert_it_lives(app: App, what: str) -> None:
    """It takes connections, and /livez says 200."""
    status = asked(app, "GET", "/livez")
    assert status == 200, (
        f"{what} we sent GET /livez. "
        f"{f'It was answered with {status}' if status else 'No answer came'}."
    )


@leaving
def test_it_stays_when_the_last_stream_has_ended(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = serving(fresh_app, drain=LONG)
    gate = Gate(1)
    with open_stream(app, llm, gate) as stream:
        app.terminate()
        wait_for_readyz(app, 503, within=2)
        gate.open()
        stream.events()
    app.wait_for_exit(1.5)  # an app that leaves now is gone by then
    assert_it_lives(
        app,
        f"A stream was open at SIGTERM, with DRAIN_SECONDS={LONG}, and ran on to its end. "
        "1.5 seconds after that, others may still be sent here, so",
    )


@leaving
def test_it_exits_with_0_when_nothing_is_open(fresh_app: FreshApp) -> None:
    app = serving(fresh_app, drain="0.2")
    app.terminate()
    code = app.wait_for_exit(4.5)
    assert code is not None, "We sent SIGTERM with DRAIN_SECONDS=0.2. After 4.5 s it still runs."
    assert code == 0, f"We sent SIGTERM with DRAIN_SECONDS=0.2. Its exit code is {code}."


def open_stream(app: App, llm: FakeLLM, gate: Gate) -> Stream:
    """A stream with its first event, whose second text waits at the gate."""
    llm.script(Reply(chunks=("one", "two"), gate=gate))
    stream = app.stream("/stream", json=QUESTION)
    event = stream.next_event(within=5)
    assert event is not None, "We asked /stream, and no event came."
    return stream


@finishing
def test_an_open_stream_runs_on_to_its_done(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = serving(fresh_app, drain="0.3", grace=None)
    gate = Gate(1)
    with open_stream(app, llm, gate) as stream:
        app.terminate()
        app.wait_for_exit(2.8)  # the drain is over
        gate.open()
        events = [event.event for event in stream.events()]
    assert events[-1:] == ["done"], (
        "A stream was open at SIGTERM, with DRAIN_SECONDS=0.3 and SHUTDOWN_GRACE_SECONDS not set "
        f"(25). 2.5 seconds after the drain the LLM went on; the stream's next events were "
        f"{events or 'none'}."
    )
    code = app.wait_for_exit(10)
    assert code is not None, (
        "The last stream has ended, and 10 seconds later the app still runs: it was told to wait "
        "for 25 seconds at most."
    )
    assert code == 0, (
        "A stream that was open at SIGTERM has run on to its end, and then the app ended with "
        f"{code}, not with 0."
    )


@finishing
def test_a_stream_begun_in_the_drain_is_waited_for(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = serving(fresh_app, drain="2")
    gate = Gate(1)
    app.terminate()
    wait_for_readyz(app, 503, within=0.5)
    with open_stream(app, llm, gate) as stream:
        app.wait_for_exit(2.5)  # the drain is over
        gate.open()
        events = [event.event for event in stream.events()]
    assert events[-1:] == ["done"], (
        f"A stream began just after SIGTERM, with DRAIN_SECONDS=2 and {LONG} seconds of grace. "
        f"After the drain the LLM went on; the stream's next events were {events or 'none'}."
    )


def events_to_the_end(stream: Stream, what: str) -> list[Event]:
    """What still comes of a stream; the failure to end is told with what led to it."""
    try:
        return stream.events(within=6)
    except NoAnswer as late:
        raise NoAnswer(f"{what} {late}") from None


@words
def test_after_the_grace_a_stream_ends_with_an_error(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = serving(fresh_app, drain="0.2", grace="0.3")
    with open_stream(app, llm, Gate(1)) as first, open_stream(app, llm, Gate(1)) as second:
        app.terminate()
        what = "Of two streams open at SIGTERM, with DRAIN_SECONDS=0.2 and 0.3 s of grace, the"
        for which, stream in (("first", first), ("second", second)):
            assert_it_is_told(events_to_the_end(stream, f"{what} {which}:"), which)
    code = app.wait_for_exit(10)
    assert code == 0, (
        "The last stream was ended after the grace. "
        f"{'The app still runs' if code is None else f'The exit code of the app is {code}'}."
    )


def assert_it_is_told(events: Sequence[Event], which: str) -> None:
    """What came of a stream is an `error` with a detail, and nothing else."""
    shown = [f"{event.event} {event.data}" for event in events]
    assert [event.event for event in events] == ["error"] and events[0].json().get("detail"), (
        "Two streams were open when DRAIN_SECONDS=0.2 and SHUTDOWN_GRACE_SECONDS=0.3 were over. "
        "For each an `error` event with a detail was to come, and then the end. "
        f"Before the end of the {which} came {shown or 'nothing'}."
    )


@words
def test_the_grace_begins_after_the_drain(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = serving(fresh_app, drain="0.8", grace="0.8")
    with open_stream(app, llm, Gate(1)) as stream:
        begin = time.monotonic()
        app.terminate()
        what = "Of a stream that was open at SIGTERM, with DRAIN_SECONDS=0.8 and 0.8 s of grace:"
        events_to_the_end(stream, what)
        lasted = time.monotonic() - begin
    assert lasted > 1.55, (
        "A stream was open at SIGTERM, with DRAIN_SECONDS=0.8 and SHUTDOWN_GRACE_SECONDS=0.8, so "
        f"it had 1.6 s. It was ended {lasted:.1f} s after SIGTERM."
    )


# config


def address_of_another() -> str:
    """An address of this machine that is not 127.0.0.1, so that listening there is not enough."""
    if sys.platform == "linux":
        return "127.0.0.2"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


@reachable
def test_it_listens_on_every_address(fresh_app: FreshApp) -> None:
    port = fresh_app(module="app").process.port
    address = address_of_another()
    try:
        socket.create_connection((address, port), timeout=5).close()
    except OSError:
        raise AssertionError(
            f"The app takes connections at 127.0.0.1:{port}, and none at {address}:{port}."
        ) from None


def takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


@contextmanager
def one_check_at_a_time() -> Iterator[None]:
    """Wait until no other check has an app at port 8000.

    The claim is the UDP port of that number, so that the app is free to listen.
    """
    deadline = time.monotonic() + 30  # longer than one of them takes
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as claim:
        while time.monotonic() < deadline:
            with suppress(OSError):
                claim.bind(("127.0.0.1", 8000))
                break
            time.sleep(0.1)
        yield


@reachable
def test_its_port_is_8000_unless_told(fresh_app: FreshApp) -> None:
    with one_check_at_a_time():
        app = fresh_app(module="app", wait=False, PORT=None)
        deadline = time.monotonic() + 20
        # Where somebody else listens there, the app cannot, and nothing is found out.
        while not (found := takes_connections(8000)) and time.monotonic() < deadline:
            if app.wait_for_exit(0.05) is not None:
                break
        app.kill()
    taken = "address already in use" in app.output.lower()
    assert found or taken, (
        "We ran python -m app without PORT, so it was to listen at port 8000. "
        "Nobody takes connections there."
    )


def started_or_ended(app: App) -> int | None:
    """The exit code; None when the app serves instead, or does nothing for 20 seconds."""
    process, deadline = app.process, time.monotonic() + 20
    has_a_port = process.spec.environment["PORT"] == str(process.port)
    while (code := app.wait_for_exit(0.05)) is None and time.monotonic() < deadline:
        if has_a_port and asked(app, "GET", "/livez"):
            break
    return code


def assert_it_refuses(app: App, name: str, value: str | None) -> None:
    """It has ended, and said which variable it was in one line."""
    given = f"{name}={value}" if value else f"{name} {'empty' if value == '' else 'missing'}"
    code = started_or_ended(app)
    assert code is not None, f"With {given} we ran python -m app, and it started all the same."
    assert code != 0, f"With {given} the app ended, and its exit code is 0."
    lines = [line for line in app.errors.splitlines() if line.strip()]
    assert len(lines) == 1 and name in lines[0], (
        f"With {given} the app ended (exit code {code}). On stderr it said, in {len(lines)} "
        f"lines: {lines[-1] if lines else 'nothing'!r}."
    )
    named = [each for each in SETTINGS_READ if each in lines[0]]
    assert len(named) <= 3, (
        f"With {given} the app named {len(named)} settings, {', '.join(named)}. Which is it?"
    )
    key = app.process.spec.environment.get("LLM_API_KEY")
    assert not key or key not in app.output, f"With {given} the app printed the value of its key."


@refusing
@pytest.mark.parametrize("name", ["LLM_BASE_URL", "LLM_API_KEY"])
def test_it_does_not_start_without(name: str, fresh_app: FreshApp) -> None:
    values = (None, "")
    apps = [fresh_app(module="app", wait=False, **{name: value}) for value in values]
    for app, value in zip(apps, values, strict=True):
        assert_it_refuses(app, name, value)


@refusing
def test_it_does_not_start_with_a_url_of_another_kind(fresh_app: FreshApp) -> None:
    values = ("ftp://llm.test/v1", "llm.test/v1", "https//llm.test/v1")
    apps = [fresh_app(module="app", wait=False, LLM_BASE_URL=value) for value in values]
    for app, value in zip(apps, values, strict=True):
        assert_it_refuses(app, "LLM_BASE_URL", value)


@refusing
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("PORT", ("abc", "-1", "70000")),
        ("LLM_TIMEOUT_SECONDS", ("abc", "-1", "nan")),
        ("DRAIN_SECONDS", ("abc", "-1", "nan")),
        ("SHUTDOWN_GRACE_SECONDS", ("abc", "-1", "nan")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_does_not_start_with_a_senseless(
    name: str, values: tuple[str, ...], fresh_app: FreshApp
) -> None:
    apps = [fresh_app(module="app", wait=False, **{name: value}) for value in values]
    for app, value in zip(apps, values, strict=True):
        assert_it_refuses(app, name, value)
