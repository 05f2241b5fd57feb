"""The running check: the shared app, the fake LLM, and what belongs to the current test."""

import contextlib
import threading
from collections.abc import Iterator

from course.fake_llm import FakeLLM
from course.grading.app_process import AppFailed, AppProcess
from course.grading.evidence import Recorder
from course.grading.job import Job
from course.grading.postgres_server import PostgresServer, start_postgres
from course.grading.redis_server import RedisServer, start_redis
from course.grading.scene import Scene
from course.grading.services import Missing
from course.grading.suite import App, NoAnswer, Patience

TEST_SECONDS = 60.0
SETTLE_SECONDS = 2.0
GIVE_UP_AFTER = 3  # starts again after a crash or a hang


class Check:
    """What the fixtures of a suite are made of."""

    def __init__(self, job: Job, scene: Scene) -> None:
        self.job = job
        self.scene = scene
        self.shared = scene.start({})
        self.shared_is_ready = False
        self.starts = 1  # of the shared app
        self.patience = Patience(job.patience)
        self.recorder = Recorder()
        self.llm = FakeLLM(api_key=scene.llm_api_key, listener=scene.llm_listener)
        self.llm.start()
        self._own: list[AppProcess] = []  # every app of the current test that is its own
        self._given: list[App] = []
        self._overdue = False
        self._redis: RedisServer | Missing | None = None  # started when a test first needs it
        self._postgres: PostgresServer | Missing | None = None

    def end(self) -> None:
        """End every app, the LLM and the servers."""
        for process in (*self._own, self.shared):
            process.end()
        self.llm.stop()
        for server in (self._redis, self._postgres):
            if server is not None and not isinstance(server, Missing):
                server.end()

    @contextlib.contextmanager
    def test(self) -> Iterator[None]:
        """The frame of one test: clean ledger and recorder before, no app of its own left after."""
        self.recorder = Recorder()
        self.llm.reset()
        self._overdue = False
        watchdog = threading.Timer(TEST_SECONDS, self._end_overdue_test)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield
        finally:
            watchdog.cancel()
            abandoned = [app for app in self._given if app.leave()]
            for process in self._own:
                process.end()
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
        for process in (*self._own, self.shared):
            process.end()

    @property
    def overdue(self) -> str:
        """A sentence when the current test was ended for taking too long."""
        limit = f"The test took longer than {TEST_SECONDS:.0f} seconds and was stopped."
        return limit if self._overdue else ""

    def shared_app(self) -> App:
        """The app all tests share; started again when an earlier test has ended or frozen it."""
        if not (self.shared_is_ready and self._answers()):
            self._start_again()
        return self._given_out(App(self.shared, self.recorder, self.patience))

    def first_start(self) -> None:
        """Wait for the shared app; `AppFailed` when it does not start."""
        self.shared.wait_until_ready(self.job.patience)
        self.shared_is_ready = True

    def _start_again(self) -> None:
        if self.starts >= GIVE_UP_AFTER:
            raise AppFailed(
                "Not tried: the app has ended or stopped answering in three tests before this one."
            )
        self.starts += 1
        self.shared_is_ready = False
        self.shared.end()
        self.shared = self.scene.start({})
        self.first_start()

    def fresh_app(
        self,
        *,
        wait: bool = True,
        linger: bool = False,
        anew: bool = False,
        **environment: str | None,
    ) -> App:
        """An app of the test's own, see `FreshApp`."""
        process = self.scene.start(environment, linger, anew)
        self._own.append(process)
        if wait:  # a new interpreter imports everything, which a busy machine makes long
            process.wait_until_ready(self.job.patience * (6 if anew else 1))
        return self._given_out(App(process, self.recorder, self.patience))

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

    def _given_out(self, app: App) -> App:
        self._given.append(app)
        return app

    def _answers(self, surely: bool = True) -> bool:
        """Does the shared app still answer? With `surely`, it does when it has never hung."""
        if self.shared.gone or self.shared.handle.poll() is not None:
            return False
        if surely and not self.patience.hangs:
            return True
        probe = App(self.shared, Recorder(), Patience())
        try:
            probe.get("/health", within=SETTLE_SECONDS)
        except NoAnswer:
            return False
        return True
