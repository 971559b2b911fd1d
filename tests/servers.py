"""Real servers for tests, each on a port and a folder of its own: Redis, PostgreSQL, Everynode itself.

What is missing on the machine skips the tests that need it, but under CI it is a failure.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, NoReturn

import httpx
import psycopg
import pytest
from redis import Redis, RedisError

from dashboard import instance, redis_server
from dashboard.children import Child, stop
from dashboard.programs import HOST
from dashboard.supervise import free_port

BASE = Path(__file__).resolve().parent.parent
# What the test run itself was told about places must not reach an instance that a test starts.
PLACES = frozenset({"REDIS_URL", "DATABASE_URL", "EVERYNODE_DATA", "EVERYNODE_ENV", "EVERYNODE_LOCAL"})


def missing(what: str, *, everywhere: bool = True) -> NoReturn:
    """Skip for want of a program; under CI fail, since a skipped test proves nothing.

    What cannot be asked of every machine (``everywhere`` false) skips under CI as well.
    """
    if everywhere and os.environ.get("CI"):
        pytest.fail(f"{what} is missing", pytrace=False)
    pytest.skip(f"{what} is missing")


def wait_until(condition: Callable[[], bool], *, within: float = 60.0, what: str = "the condition") -> None:
    """Return as soon as ``condition()`` holds; fail the test when it does not ``within`` seconds."""
    until = time.monotonic() + within
    while not condition():
        if time.monotonic() > until:
            pytest.fail(f"{what} did not come true within {within:g} s")
        time.sleep(0.02)


# --------------------------------------------------------------------------------------- Redis
@dataclass
class RedisServer:
    """A Redis on its own port. It may be stopped and started again: the port stays."""

    child: Child
    url: str

    def start(self) -> None:
        """Start it and return once it answers."""
        self.child.start(os.environ)
        with Redis.from_url(self.url) as redis:
            wait_until(lambda: answers(redis), what="Redis")

    def stop(self) -> None:
        """Stop it; what it held is lost."""
        stop([self.child])


def answers(redis: Redis) -> bool:
    """Return whether the Redis is there."""
    try:
        return bool(redis.ping())
    except RedisError:
        return False


@contextmanager
def redis_running(folder: Path) -> Iterator[RedisServer]:
    """Run a Redis that keeps nothing on disk."""
    port = free_port()
    words = ("--bind", HOST, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder))
    server = RedisServer(
        Child("redis", [redis_server.find(), *words], stdout=subprocess.DEVNULL), f"redis://{HOST}:{port}/0"
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


# ---------------------------------------------------------------------------------- PostgreSQL
def postgresql_program(name: str) -> str | None:
    """Return the path of a program of the newest PostgreSQL on this machine."""
    found = shutil.which(name)
    if found:
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(versions[-1]) if versions else None


def accepts(url: str) -> bool:
    """Return whether the PostgreSQL takes connections."""
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


@dataclass
class PostgreSQL:
    """A PostgreSQL in a folder of its own, on its own port. It may be stopped and started again."""

    data: Path
    port: int
    lend: Sequence[str]
    """What goes before its commands: it refuses root, so root lends it a user."""

    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"postgresql://everynode@{HOST}:{self.port}/postgres"

    def start(self) -> None:
        """Start it and return once it takes connections."""
        settings = ("fsync=off", f"port={self.port}", f"listen_addresses={HOST}", "unix_socket_directories=")
        words = [word for setting in settings for word in ("-c", setting)]
        self.process = subprocess.Popen(
            [*self.lend, _postgresql("postgres"), "-D", str(self.data), *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        wait_until(lambda: accepts(self.url), what="PostgreSQL")

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Stop it: by SIGINT in good order, by SIGQUIT as a crash would. Its clients are cut off."""
        # The server itself: runuser keeps a SIGINT, and a SIGTERM would wait for the last client.
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), number)
        if self.process:
            self.process.wait(timeout=60)


def _postgresql(name: str) -> str:
    found = postgresql_program(name)
    if not found:
        raise FileNotFoundError("PostgreSQL")
    return found


@contextmanager
def postgresql_server() -> Iterator[PostgreSQL]:
    """Run a PostgreSQL. Raises FileNotFoundError if this machine has none.

    Its folder lies beside those of the tests: theirs are closed to the user that root lends it.
    """
    initdb = _postgresql("initdb")
    lend = ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()
    with TemporaryDirectory(prefix="everynode-postgresql-") as folder:
        if lend:
            shutil.chown(folder, "postgres")
        server = PostgreSQL(Path(folder) / "pg", free_port(), lend)
        words = ("-U", "everynode", "-A", "trust", "--no-sync", "-E", "UTF8")
        made = [*lend, initdb, "-D", str(server.data), *words]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd="/")
        server.start()
        try:
            yield server
        finally:
            server.stop()


# ----------------------------------------------------------------------------------- Everynode
@dataclass
class Everynode:
    """One instance started by ``manage.py up``, as a person would start it."""

    process: subprocess.Popen[str]
    data: Path
    port: int
    log: Path
    more: Mapping[str, str] = field(default_factory=dict)
    """What was added to its environment."""

    _http: httpx.Client = field(default_factory=lambda: httpx.Client(follow_redirects=True, timeout=60))
    _door: Lock = field(default_factory=Lock)

    @property
    def url(self) -> str:
        """Return the address of the page."""
        return f"http://{HOST}:{self.port}/"

    @property
    def said(self) -> str:
        """Return what it told at the terminal so far."""
        return self.log.read_text(encoding="utf-8")

    @property
    def password(self) -> str:
        """Return the password of the user admin."""
        found = re.search(r"^ +password +(\S+)", self.said, re.MULTILINE)
        assert found is not None
        return found[1]

    @property
    def run(self) -> dict[str, Any]:
        """Return what it wrote of itself: url, redis, port, pid, pids."""
        return dict(json.loads((self.data / instance.RUN_FILE).read_text(encoding="utf-8")))

    def cluster(self, name: str, *, nodes: int, delay: float = 0.1, node_grace: float = 40.0) -> str:
        """Make a cluster on the page, as somebody would; return the kubeconfig that is handed out for it.

        ``delay`` is the seconds in which pods start and stop. Two commands would do the same, in two
        seconds of processor time.
        """
        delays = {"start_delay": delay, "stop_delay": delay, "node_grace": node_grace}
        made = self._post("clusters/", name=name, nodes=nodes, **delays)
        assert made.url == f"{self.url}clusters/{name}/", made.text  # else the name is taken
        return self._post(f"clusters/{name}/kubectl/kubeconfig/").text

    def _post(self, path: str, **form: str | float) -> httpx.Response:
        with self._door:
            if not self._http.cookies:
                self._http.get(f"{self.url}login/")
                self._send("login/", username="admin", password=self.password)
        return self._send(path, **form)

    def _send(self, path: str, **form: str | float) -> httpx.Response:
        token = next(value for name, value in self._http.cookies.items() if name.endswith("-csrf"))
        headers = {"Referer": self.url, "X-CSRFToken": token}
        return self._http.post(f"{self.url}{path}", data=form, headers=headers).raise_for_status()

    def leave(self) -> None:
        """Close what was opened to make clusters."""
        self._http.close()

    def manage(self, *words: str) -> str:
        """Run another command on the same data folder; return what it said."""
        done = subprocess.run(
            [sys.executable, str(BASE / "manage.py"), *words],
            env=environment(self.data, self.more),
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait for the end; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


def environment(data: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of an instance on its own folder."""
    kept = {name: value for name, value in os.environ.items() if name not in PLACES}
    return {**kept, "EVERYNODE_DATA": str(data), **(more or {})}


def up(data: Path, *words: str, port: int | None = None, more: Mapping[str, str] | None = None) -> Everynode:
    """Start an instance and return at once. ``more`` is added to its environment."""
    port = port or free_port()
    data.mkdir(parents=True, exist_ok=True)
    log = data / "terminal.log"
    with log.open("w", encoding="utf-8") as terminal:
        process = subprocess.Popen(
            [sys.executable, str(BASE / "manage.py"), "up", "--port", str(port), *words],
            env=environment(data, more),
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return Everynode(process, data, port, log, more or {})


STARTING = 180.0
"""Seconds in which an instance must tell its page: a machine that runs tests is busy."""


@contextmanager
def everynode_running(data: Path, *words: str, more: Mapping[str, str] | None = None) -> Iterator[Everynode]:
    """Run an instance from when it told its page until the block ends."""
    started = up(data, *words, more=more)
    try:
        wait_until(
            lambda: "Everynode runs." in started.said or started.process.poll() is not None,
            within=STARTING,
            what="the page",
        )
        assert started.process.poll() is None, started.said
        yield started
    finally:
        started.leave()
        if started.process.poll() is None:
            started.stop()
