"""Runs all parts of one Everynode on this machine and keeps them running: local mode.

``manage.py up`` becomes this process. It uses the standard library only, so that it costs a few
megabytes for the whole run; whatever needs Django happens in its children.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dashboard import instance, programs
from dashboard.children import BREATH, CannotStart, Child, stop
from dashboard.programs import HOST, Plan

LOCK_FILE = "lock"
METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""How prometheus_client is told where the processes of the machine count together."""
PAGE_PATIENCE = 60  # seconds


class Stopped(Exception):
    """Someone asked to stop."""


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def claim_port(port: int, host: str = HOST) -> None:
    """Raise CannotStart with a sentence when something listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} cannot be used ({error.strerror}). "
                f"Name another one: python manage.py up --port {port + 1}"
            ) from error


@contextmanager
def claim_folder(data: Path) -> Iterator[None]:
    """Hold the data folder; raise CannotStart with a sentence when another instance holds it."""
    with (data / LOCK_FILE).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            where = instance.read_run(data).get("url", "its page is not up yet")
            raise CannotStart(
                f"Everynode already runs on {data} ({where}). "
                "Stop it first, or name another folder with EVERYNODE_DATA."
            ) from error
        yield


def page_answers(plan: Plan) -> bool:
    """Return whether the page answers a request without an error of the server."""
    port = plan.port
    try:
        with line_to(plan) as line:
            line.sendall(f"GET / HTTP/1.0\r\nHost: {HOST}:{port}\r\n\r\n".encode())
            status = line.recv(16).split(b" ")
    except OSError:
        return False
    return len(status) > 1 and status[1][:1] in {b"2", b"3"}


def line_to(plan: Plan) -> socket.socket:
    """Open a line to the page, through TLS if it has that."""
    line = socket.create_connection((HOST, plan.port), timeout=5)
    if not plan.names:
        return line
    import ssl  # noqa: PLC0415 - two megabytes that a run without TLS does without

    authority = instance.certificates(plan.data).authority
    return ssl.create_default_context(cafile=authority).wrap_socket(line, server_hostname=HOST)


class Supervisor:
    """Starts the parts, restarts one that died, and stops all of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.metrics = plan.data / instance.METRICS_FOLDER
        self.env = {**os.environ, "EVERYNODE_LOCAL": "yes", METRICS_VARIABLE: str(self.metrics)}
        self.redis: Child | None = None
        self.parts = [programs.web(plan)]
        self.stopping = False
        if plan.redis_server:
            port, password = free_port(), secrets.token_urlsafe(24)
            self.redis = programs.redis(plan, port, password)
            self.env["REDIS_URL"] = f"redis://:{password}@{HOST}:{port}/0"

    def run(self) -> None:
        """Run until asked to stop, or until CannotStart. Either way nothing is left running."""
        try:
            self.start()
            while True:
                self.pause()
                self.revive()
        except Stopped:
            say("Stopping.")
        finally:
            stop(self.parts)
            if self.redis:  # last, so that the others can say goodbye through it
                stop([self.redis])
            (self.plan.data / instance.RUN_FILE).unlink(missing_ok=True)

    def start(self) -> None:
        """Start everything and tell where it is. Redis and web load while the database is prepared."""
        shutil.rmtree(self.metrics, ignore_errors=True)
        self.metrics.mkdir()
        for child in self.everything():
            child.start(self.env)
        login = self.prepare()
        for child in (programs.worker(), programs.clock(), programs.mirror()):
            self.parts.append(child)
            child.start(self.env)
        until = time.monotonic() + PAGE_PATIENCE
        while not page_answers(self.plan):
            self.pause()
            self.refuse_early_death()
            if time.monotonic() > until:
                raise CannotStart(f"The page shows no answer within {PAGE_PATIENCE} s.")
        self.write_run()
        say(welcome(self.plan, login))

    def prepare(self) -> dict[str, str]:
        """Bring the database up to date in a short-lived child; return what it says of the login."""
        child = programs.preparation(self.plan)
        self.parts.append(child)
        process = child.start(self.env)
        while child.alive:
            self.pause()
            self.refuse_early_death(besides=child)
        message = process.stdout.read() if process.stdout else ""
        self.parts.remove(child)
        if process.returncode:
            raise CannotStart(f"{child.name} failed ({child.ending}).")
        return dict(json.loads(message))

    def everything(self) -> list[Child]:
        """Return all children, Redis first."""
        return [self.redis, *self.parts] if self.redis else list(self.parts)

    def pause(self) -> None:
        """Wait a moment; raise Stopped when someone asked to stop."""
        if not self.stopping:
            time.sleep(BREATH)
        if self.stopping:
            raise Stopped

    def refuse_early_death(self, besides: Child | None = None) -> None:
        """Raise CannotStart for a part that died before everything ran once."""
        for child in self.everything():
            if child is not besides and not child.alive:
                raise CannotStart(f"{child.name} cannot start ({child.ending}).")

    def revive(self) -> None:
        """Start each part that died again, with its old port, and say so."""
        for child in self.everything():
            if not child.alive:
                child.count_death(time.monotonic())
                say(f"{child.name} died ({child.ending}); starting it again.")
                self.forget_gauges(child)
                child.start(self.env)
                self.write_run()

    def forget_gauges(self, child: Child) -> None:
        """Let what a process had open when it died be counted no longer."""
        if child.process:
            for file in self.metrics.glob(f"gauge_live*_{child.process.pid}.db"):
                file.unlink(missing_ok=True)

    def write_run(self) -> None:
        """Tell the other commands where this instance runs."""
        children = {child.name: child.process.pid for child in self.everything() if child.process}
        instance.write_run(
            self.plan.data,
            {
                "url": self.plan.url,
                "port": self.plan.port,
                "redis": self.env["REDIS_URL"],
                "pid": os.getpid(),
                "pids": children,
            },
        )

    def ask_to_stop(self, *_signal: object) -> None:
        """Note that someone wants to stop; the loop sees it."""
        self.stopping = True


def welcome(plan: Plan, login: dict[str, str]) -> str:
    """Return what a person needs to know once the page is up."""
    fresh = login.get("password")
    password = f"{fresh}  (made now and kept only as a hash)" if fresh else "the one told at the first start"
    authority = f"  authority {instance.certificates(plan.data).authority}\n" if plan.names else ""
    return (
        f"\nEverynode runs.\n\n  page      {plan.url}\n{authority}"
        f"  user      admin\n  password  {password}\n\n"
        f"A new password: {_python()} manage.py changepassword admin\nCtrl-C stops everything.\n"
    )


def _python() -> str:
    """Return how a person at the terminal calls the Python that this runs on."""
    here = Path.cwd()
    program = Path(sys.executable)
    return str(program.relative_to(here)) if program.is_relative_to(here) else "python"


def say(sentence: str) -> None:
    """Tell the person at the terminal, at once."""
    with suppress(OSError):  # the terminal may be gone; the work goes on
        print(sentence, flush=True)  # noqa: T201 - this is a command's own voice


def supervise(plan: Plan) -> int:
    """Run ``plan``; return the exit code."""
    try:
        with claim_folder(plan.data):
            claim_port(plan.port, plan.bind)
            supervisor = Supervisor(plan)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, supervisor.ask_to_stop)
            supervisor.run()
    except CannotStart as error:
        print(f"Everynode stops: {error}", file=sys.stderr)  # noqa: T201 - as above
        return 1
    return 0


if __name__ == "__main__":
    data, port, demo, redis_server, *names = sys.argv[1:]
    sys.exit(supervise(Plan(Path(data), int(port), demo == "demo", redis_server, tuple(names))))
