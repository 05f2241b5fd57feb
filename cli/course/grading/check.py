"""The running check: the shared app, the fake LLM, and what belongs to the current test."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from course.fake_llm import FakeLLM
from course.grading.app_process import AppFailed, AppProcess
from course.grading.evidence import Recorder
from course.grading.job import Job, app_comes_first, learners_settings
from course.grading.learners_tests import LearnersTests
from course.grading.postgres_server import PostgresServer, start_postgres
from course.grading.preflight import app_problem
from course.grading.redis_server import RedisServer, start_redis
from course.grading.scene import Scene
from course.grading.schema_tools import SCHEMA_SECONDS, SchemaTools
from course.grading.services import Missing
from course.grading.suite import App, NoAnswer, Patience

TEST_SECONDS = 60.0
SETTLE_SECONDS = 2.0
GIVE_UP_AFTER = 3  # starts again after a crash or a hang


class Watchdog:
    """Calls `overdue` once, when a time is up that can be made longer."""

    def __init__(self, seconds: float, overdue: Callable[[], None]) -> None:
        self._overdue = overdue
        self.limit = seconds
        self._timer = self._begin(seconds)

    def _begin(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._overdue)
        timer.daemon = True
        timer.start()
        return timer

    def give(self, seconds: float) -> None:
        """So many seconds more than the limit, from now on."""
        self._timer.cancel()
        self.limit += seconds
        self._timer = self._begin(self.limit)

    def cancel(self) -> None:
        self._timer.cancel()


class Check:
    """What the fixtures of a suite are made of."""

    def __init__(self, job: Job, scene: Scene) -> None:
        self.job = job
        self.scene = scene
        self.app_comes_first = app_comes_first(Path(job.suite))
        self.shared = scene.start({}) if self.app_comes_first else None
        self.shared_is_ready = False
        self.starts = int(self.app_comes_first)  # of the shared app
        self.patience = Patience(job.patience)
        self.recorder = Recorder()
        self.llm = FakeLLM(api_key=scene.llm_api_key, listener=scene.llm_listener)
        self.llm.start()
        self.watchdog: Watchdog  # of the current test
        self._own: list[AppProcess] = []  # every app of the current test that is its own
        self._given: list[App] = []
        self._overdue = False
        self._redis: RedisServer | Missing | None = None  # started when a test first needs it
        self._postgres: PostgresServer | Missing | None = None
        self._learners_tests: LearnersTests | None = None  # begun when a test first needs them

    def end(self) -> None:
        """End every app, the LLM, the servers and the learner's tests."""
        if self._learners_tests:
            self._learners_tests.end()
        self._end_apps()
        self.llm.stop()
        for server in (self._redis, self._postgres):
            if server is not None and not isinstance(server, Missing):
                server.end()

    def _end_apps(self) -> None:
        for process in (*self._own, *([self.shared] if self.shared else [])):
            process.end()

    @contextlib.contextmanager
    def test(self) -> Iterator[None]:
        """The frame of one test: clean ledger and recorder before, no app of its own left after."""
        self.recorder = Recorder()
        self.llm.reset()
        self._overdue = False
        self._own_printed = ""
        self.watchdog = Watchdog(TEST_SECONDS, self._end_overdue_test)
        try:
            yield
        finally:
            self.watchdog.cancel()
            abandoned = [app for app in self._given if app.leave()]
            for process in self._own:
                process.end()
            self._own_printed = "".join(process.output for process in self._own)
            if any(app.process is self.shared for app in abandoned):
                self._settle()
            self._given.clear()
            self._own.clear()
            if self._redis is not None and not isinstance(self._redis, Missing):
                self._redis.start()  # where the test has killed or frozen it

    def _settle(self) -> None:
        """Let the shared app finish what a test abandoned: the next one shall see none of it."""
        self.llm.reset()  # opens every gate, drops every held call
        if self._answers(surely=False):
            self.llm.wait_for(lambda: self.llm.in_flight == 0, SETTLE_SECONDS)

    def _end_overdue_test(self) -> None:
        self._overdue = True
        self._end_apps()

    @property
    def overdue(self) -> str:
        """A sentence when the current test was ended for taking too long."""
        limit = f"The test took longer than {self.watchdog.limit:.0f} seconds and was stopped."
        return limit if self._overdue else ""

    def shared_app(self) -> App:
        """The app all tests share; started again when an earlier test has ended or frozen it."""
        if not (self.shared_is_ready and self._answers()):
            self._start_again()
        assert self.shared is not None
        return self._given_out(App(self.shared, self.recorder, self.patience))

    def first_start(self) -> None:
        """Wait for the shared app if it comes first; `AppFailed` when it does not start."""
        if self.shared is not None:
            self.shared.wait_until_ready(self.job.patience)
            self.shared_is_ready = True

    def _start_again(self) -> None:
        if self.starts >= GIVE_UP_AFTER:
            raise AppFailed(
                "Not tried: the app has ended or stopped answering in three tests before this one."
            )
        self._see_an_app()
        self.starts += 1
        self.shared_is_ready = False
        if self.shared is not None:
            self.shared.end()
        self.shared = self.scene.start({})
        self.first_start()

    def _see_an_app(self) -> None:
        """`AppFailed` when there is none, and nobody has said so before the tests."""
        if not self.app_comes_first and (problem := app_problem(self.scene.folder)):
            raise AppFailed(problem)

    def fresh_app(
        self,
        *,
        wait: bool = True,
        linger: bool = False,
        anew: bool = False,
        module: str = "",
        **environment: str | None,
    ) -> App:
        """An app of the test's own, see `FreshApp`."""
        self._see_an_app()
        process = self.scene.start(environment, linger, anew, module)
        self._own.append(process)
        if wait:
            try:  # a new interpreter imports everything, which a busy machine makes long
                process.wait_until_ready(self.job.patience * (6 if anew else 1))
            except AppFailed:
                if not (module and port_was_taken(process)):
                    raise
                return self.fresh_app(
                    wait=True, linger=linger, anew=anew, module=module, **environment
                )
        return self._given_out(App(process, self.recorder, self.patience))

    def printed(self) -> str:
        """What the apps of the current test alone have printed, or those of the last one."""
        return "".join(process.output for process in self._own) or self._own_printed

    def redis_server(self) -> RedisServer:
        """A running, empty Redis, the same one for all tests; `Missing` where there is none."""
        if self._redis is None:
            try:
                self._redis = start_redis(self._saw, self.scene.started)
            except Missing as reason:
                self._redis = reason
        if isinstance(self._redis, Missing):
            raise self._redis
        self._redis.start()
        self._redis.flush()
        return self._redis

    def _saw(self, what: str) -> None:
        self.recorder.saw(what)  # the one of the current test

    def postgres_url(self) -> str:
        """A new database; `Missing` where there is no PostgreSQL."""
        if self._postgres is None:
            try:
                self._postgres = start_postgres(self.scene.started)
            except Missing as reason:
                self._postgres = reason
        if isinstance(self._postgres, Missing):
            raise self._postgres
        return self._postgres.new_database()

    def schema_tools(self) -> SchemaTools:
        """What judges a schema; `Missing` where it is not installed. It takes its time."""
        tools = SchemaTools(self.scene.new_folder())
        self.watchdog.give(SCHEMA_SECONDS)
        return tools

    def learners_tests(self) -> LearnersTests:
        """The tests of the folder, to be run on apps of the suite."""
        if self._learners_tests is None:
            settings = learners_settings(Path(self.job.suite))
            self._learners_tests = LearnersTests(self.scene, settings)
        return self._learners_tests

    def _given_out(self, app: App) -> App:
        self._given.append(app)
        return app

    def _answers(self, surely: bool = True) -> bool:
        """Does the shared app still answer? With `surely`, it does when it has never hung."""
        if self.shared is None or self.shared.gone or self.shared.handle.poll() is not None:
            return False
        if surely and not self.patience.hangs:
            return True
        probe = App(self.shared, Recorder(), Patience())
        try:
            probe.get("/health", within=SETTLE_SECONDS)
        except NoAnswer:
            return False
        return True


def port_was_taken(process: AppProcess) -> bool:
    """Between our look at a port and the app's, somebody else has begun to listen there."""
    return process.gone and "address already in use" in process.output.lower()
